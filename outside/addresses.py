"""E-mail addresses: one reading for every door where one is typed. Whether two are one mailbox says app.mailbox(), of
what this gives.
"""

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from outside.names import tidied
from refusals import Refused, sentences

LONGEST_ADDRESS = 254  # bytes of a whole address, of which 64 before the @ (RFC 5321, 4.5.3.1)

sentences(
    {
        "BAD_EMAIL": "This does not look like an e-mail address.",
        "BAD_EMAIL.long": "This e-mail address is too long: mail reaches addresses of at most "
        f"{LONGEST_ADDRESS} characters, 64 of them before the @.",
        "BAD_EMAIL.mailbox": "Mail does not reach every address with letters such as é before the @, so we cannot send "
        "to this one. Use an address in plain letters.",
    }
)


def read_address(text: str | None) -> str:
    """The address as mail is sent to it: the part before the @ as typed, the domain in lower case and in the ASCII form
    of IDNA ("mina@müller.example" → "mina@xn--mller-kva.example").

    Refused BAD_EMAIL with why: it is none, it is too long, or its mailbox is named in letters that mail providers do
    not take.
    """
    found = _parsed(text)
    if found.ascii_email is None:
        raise Refused("BAD_EMAIL.mailbox", status=422)
    return _sent(found)


def find_address(text: str | None) -> str:
    """The same for looking somebody up, "" where it is no address: whoever came with a mailbox that is refused today
    has it still.
    """
    try:
        return _sent(_parsed(text))
    except Refused:
        return ""


def readable_address(address: str | None) -> str:
    """The address with its domain as people write it, for their eyes."""
    try:
        return validate_email(address or "", check_deliverability=False).normalized
    except EmailNotValidError:
        return address or ""


def _parsed(text: str | None) -> ValidatedEmail:
    address = tidied(text, LONGEST_ADDRESS)  # a paste brings invisible characters along
    mailbox, _, _ = address.rpartition("@")
    too_long = "@" in address and (len(address) > LONGEST_ADDRESS or len(mailbox.encode()) > 64)
    if too_long:
        raise Refused("BAD_EMAIL.long", status=422)
    try:
        return validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise Refused("BAD_EMAIL", status=422) from error


def _sent(found: ValidatedEmail) -> str:
    return f"{found.local_part}@{(found.ascii_domain or found.domain).lower()}"
