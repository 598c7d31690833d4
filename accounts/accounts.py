"""Accounts: sign up, sign in, sign out."""

from collections.abc import Callable

from email_validator import EmailNotValidError, validate_email

from accounts import passwords, sessions
from database import between_transactions, call, call_one, find_one, in_transaction
from refusals import Refused, sentences

sentences(
    {
        "BAD_EMAIL": "This does not look like an e-mail address.",
        "WRONG_CREDENTIALS": "E-mail and password do not belong together.",
        "PASSWORD_SHORT": f"Use at least {passwords.SHORTEST} characters; a few words are easy to remember.",
        "PASSWORD_LONG": f"Use at most {passwords.LONGEST} characters.",
        "PASSWORD_WEAK": "This password is too easy to guess. Use a few words.",
        "EMAIL_TAKEN": "There is an account with this e-mail already. Sign in instead.",
        "NO_SESSION": "Your browser sent no session. Allow cookies for this site, and try again.",
    }
)


def normalise_email(text: str) -> tuple[str, str]:
    """(address, key): the address as written, and the form it is compared by. Refused when it cannot be an address.

    The key is lower case, without a +tag, and without dots for the one large provider that ignores them.
    """
    try:
        parts = validate_email((text or "").strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise Refused("BAD_EMAIL", status=422) from error
    local, domain = parts.local_part.lower().partition("+")[0], parts.ascii_domain or parts.domain
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return parts.normalized, f"{local}@{domain.lower()}"


def sign_up(name: str, email: str, password: str) -> int:
    """A new account, signed in at once. See create_account()."""
    return create_account(name, email, password, then=sessions.start)


def create_account(name: str, email: str, password: str, then: Callable[[int, str], object] | None = None) -> int:
    """A new fan's account; its id.

    `then(id, hash of the password)` is called in the same transaction. Refused for an address or password that will
    not do.

    A flow: the hash is made outside any transaction.
    """
    address, key = normalise_email(email)
    check_password(password)
    between_transactions()
    hashed = passwords.hash_password(password)

    def write() -> int:
        customer = call_one("app.sign_up", name.strip(), address, key, hashed).sign_up
        if then:
            then(customer, hashed)
        return customer

    return in_transaction(write)


def sign_in(email: str, password: str) -> int:
    """A new session, or Refused with the same words whatever was wrong.

    Returns how many holds the buyer limit released.
    """
    try:
        _, key = normalise_email(email)
    except Refused:
        key = ""
    between_transactions()
    found = in_transaction(find_one, "app.find_credential", key)
    hashed = passwords.hash_again(found.recipe if found else None, password)
    # Without an account the database is asked all the same, and takes as long to say no.
    released = in_transaction(sessions.start, found.customer_id if found else None, hashed)
    if found and passwords.is_stale(found.recipe):
        fresh = passwords.hash_password(password)
        in_transaction(call, "app.set_password_hash", hashed, fresh)
    return released


def check_password(password: str) -> None:
    """Refused PASSWORD_SHORT, PASSWORD_LONG or PASSWORD_WEAK (422) for one that will not do."""
    if len(password) < passwords.SHORTEST:
        raise Refused("PASSWORD_SHORT", status=422)
    if len(password) > passwords.LONGEST:
        raise Refused("PASSWORD_LONG", status=422)
    if len(set(password)) < 5:
        raise Refused("PASSWORD_WEAK", status=422)
