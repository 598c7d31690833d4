"""The signed code of a ticket or pass: made, drawn and verified here (keys and codes; security.md C6).

CV1: + base45( kind 1 (1 a ticket, 2 a parking pass: the format's version, too) | key id 2 | event 4 | ticket id 16 |
seq 1 | zone 1 | not before 4 | expires 4 | Ed25519 signature 64 ), 97 bytes, 150 characters, QR version 6 at level M.
Parsers accept exactly one length and the canonical spelling, then verify, then look up. No name, seat or e-mail inside.
`event` is 0 for parking without a match. Times are seconds since 1970, UTC.

A rotating code is the static one with "/" and eight digits behind it: a TOTP (RFC 6238, 15 s) of a secret that only the
ticket's page and the gate know, so that a picture of it is refused from 45 s on. Whoever extracts the secret from the
page, or films it live, is not stopped by it.
"""

import base64
import hashlib
import hmac
import re
import struct
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import pyotp
import qrcode
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from qrcode import base
from qrcode.LUT import rsPoly_LUT
from qrcode.main import precomputed_qr_blanks

PREFIX = "CV1:"
PURPOSE = b"cricverse entry code v1\0"  # signed in front of the fields, so that no other signature of ours fits
FIELDS = struct.Struct(">BHI16sBBII")
LENGTH = FIELDS.size + 64
KINDS = {"ticket": 1, "pass": 2}
KIND_NAMES = {number: name for name, number in KINDS.items()}
STATIC_LENGTH = len(PREFIX) + 146
STEP = 15  # seconds that a rotating code is shown
STEPS_ACCEPTED = range(
    -2, 2
)  # two steps old at most, for a picture is refused at 45 s; one ahead, for a fan's clock that is
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nobody reads them for something else
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # RFC 9285, and QR codes
QUIET = 4  # light modules around a code
_DARK = re.compile("1+")


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says, once it is verified."""

    key_id: int
    event: int
    ticket: uuid.UUID
    seq: int
    zone: int
    not_before: int
    expires: int
    kind: str = "ticket"


class BadCode(ValueError):
    """Not a good code.

    `reason` is what the gate calls it: unknown (not ours), unreadable (ours, but not whole), or forged.
    """

    def __init__(self, sentence: str, reason: str = "unreadable") -> None:
        super().__init__(sentence)
        self.reason = reason


def new_key_pair(master_key: bytes) -> tuple[bytes, bytes]:
    """(public, wrapped private): 32 raw bytes, and nonce + AES-256-GCM of the private half under the master key."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    nonce = hashlib.sha256(public).digest()[:12]  # the public half is new each time, so the nonce is, too
    return public, nonce + AESGCM(master_key).encrypt(nonce, raw, public)


def unwrap(master_key: bytes, public: bytes, wrapped: bytes) -> Ed25519PrivateKey:
    """The private key, for signing."""
    wrapped = bytes(wrapped)
    return Ed25519PrivateKey.from_private_bytes(AESGCM(master_key).decrypt(wrapped[:12], wrapped[12:], bytes(public)))


def sign(code: Code, private: Ed25519PrivateKey) -> str:
    """The text of a Code, signed."""
    body = FIELDS.pack(
        KINDS[code.kind], code.key_id, code.event, code.ticket.bytes, code.seq, code.zone, code.not_before, code.expires
    )
    return PREFIX + b45encode(body + private.sign(PURPOSE + body))


def read(text: str, public_key_of: Callable[[int], bytes | None]) -> Code:
    """The Code in this text, its signature verified with `public_key_of(key_id)` (32 bytes or None). Raises BadCode."""
    if not isinstance(text, str) or not text.startswith(PREFIX):
        raise BadCode("not a code of ours", "unknown")
    raw = b45decode(text[len(PREFIX) :])
    if len(raw) != LENGTH:
        raise BadCode("wrong length")
    body, signature = raw[: FIELDS.size], raw[FIELDS.size :]
    kind, key_id, event, right, seq, zone, not_before, expires = FIELDS.unpack(body)
    if kind not in KIND_NAMES:
        raise BadCode("unknown version")
    public = public_key_of(key_id)
    if public is None:
        raise BadCode("unknown key", "unknown")
    try:
        public_key(bytes(public)).verify(signature, PURPOSE + body)
    except InvalidSignature as error:
        raise BadCode("the signature is not ours", "forged") from error
    return Code(key_id, event, uuid.UUID(bytes=right), seq, zone, not_before, expires, KIND_NAMES[kind])


@lru_cache(maxsize=512)
def public_key(raw: bytes) -> Ed25519PublicKey:
    """The key of 32 raw bytes, for verifying; made once."""
    return Ed25519PublicKey.from_public_bytes(raw)


# --- what the gate's phones know rights by --------------------------------------------------------


def issue_hash(right: uuid.UUID, seq: int, text: str) -> bytes:
    """The 8 bytes by which the gate knows an issue of a ticket or pass; `text` is its static code (qr_code.hash in the
    database is the same).

    That of a later issue is made of its whole code: whoever holds an older one knows the ticket and can count, but
    cannot sign, and so cannot say what is to be typed for the new one.
    """
    return hashlib.sha256(b"cricverse right v1" + right.bytes + (b"" if seq == 1 else text.encode())).digest()[:8]


def revoked_hash(right: uuid.UUID, seq: int) -> bytes:
    """The 8 bytes by which one issue of a code stands on the signed list of revoked ones."""
    return hashlib.sha256(b"cricverse revoked v1" + right.bytes + bytes([seq])).digest()[:8]


def short_code(hashed: bytes) -> str:
    """The code that people type, "7KQ2-M0XE": the first 5 bytes of an issue's hash in Crockford's base 32."""
    number = int.from_bytes(bytes(hashed)[:5], "big")
    characters = "".join(CROCKFORD[number >> shift & 31] for shift in range(35, -5, -5))
    return f"{characters[:4]}-{characters[4:]}"


def read_short_code(text: str) -> bytes | None:
    """The first 5 bytes of the hash that a typed code means, or None: case, spaces and dashes do not matter, O is 0, I
    and L are 1.
    """
    characters = "".join(c for c in text.upper() if c.isalnum()).translate(str.maketrans("OIL", "011"))
    if len(characters) != 8 or any(c not in CROCKFORD for c in characters):
        return None
    number = 0
    for character in characters:
        number = number << 5 | CROCKFORD.index(character)
    return number.to_bytes(5, "big")


def sign_revocations(
    key_id: int,
    private: Ed25519PrivateKey,
    event: int,
    since: int,
    version: int,
    issued_at: int,
    revoked: Iterable[tuple[uuid.UUID, int]],
) -> dict[str, Any]:
    """The signed list of revoked codes: `revoked` is [(right, seq)], `since` 0 for all or the version that this list
    adds to, `issued_at` in ms.

    Signed over a purpose of its own, the numbers as unsigned big-endian 4 and 8 bytes, and the sorted 8-byte hashes.
    """
    listed = b"".join(sorted({revoked_hash(right, seq) for right, seq in revoked}))
    message = b"cricverse revocations v1\0" + struct.pack(">IQQQ", event, since, version, issued_at) + listed
    return {
        "event": event,
        "since": since,
        "version": version,
        "issued_at": issued_at,
        "hashes": b64(listed),
        "key": key_id,
        "signature": b64(private.sign(message)),
    }


def b64(raw: bytes) -> str:
    """base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- rotating codes -------------------------------------------------------------------------------


def split(text: str) -> tuple[str, str | None]:
    """(static code, digits or None) of what was read."""
    if isinstance(text, str) and len(text) == STATIC_LENGTH + 9 and text[STATIC_LENGTH] == "/":
        return text[:STATIC_LENGTH], text[STATIC_LENGTH + 1 :]
    return text, None


def event_secret(master_key: bytes, key_id: int) -> bytes:
    """The 32 bytes from which the secrets of an event's rotating codes are derived: of the event's key, so they change
    with it.
    """
    return HKDF(hashes.SHA256(), 32, None, b"cricverse rotating event v1\0%d" % key_id).derive(master_key)


def right_secret(secret: bytes, right: uuid.UUID, seq: int) -> bytes:
    """The 20 bytes that the page of one ticket or pass holds, from its event's secret."""
    return HKDF(hashes.SHA256(), 20, None, b"cricverse rotating v1\0" + right.bytes + bytes([seq])).derive(secret)


def totp(secret: bytes) -> pyotp.TOTP:
    """The time-based code of this secret (RFC 6238): eight digits, a new one every 15 seconds."""
    return pyotp.TOTP(base64.b32encode(secret).decode(), digits=8, interval=STEP)


def rotating(text: str, secret: bytes, at: float) -> str:
    """The static code with the digits of the moment `at` (seconds since 1970)."""
    return f"{text}/{totp(secret).at(int(at))}"


def is_current(digits: str, secret: bytes, at: float) -> bool:
    """Are these the digits of an accepted step? A picture that is 45 s old or more is not."""
    otp = totp(secret)
    given = digits.encode("utf-8", "replace")
    return any([hmac.compare_digest(otp.at(max(0, int(at) + step * STEP)).encode(), given) for step in STEPS_ACCEPTED])


# --- pictures -------------------------------------------------------------------------------------


@lru_cache(maxsize=512)  # some eight kilobytes each: four megabytes
def svg_path(text: str) -> tuple[int, str]:
    """(size, path): the modules of the QR code at level M with a quiet zone of four, as one SVG path."""
    modules = rows(text)
    return len(modules), "".join(
        f"M{run.start()} {y}h{(width := run.end() - run.start())}v1h-{width}z"
        for y, row in enumerate(modules)
        for run in dark_runs(row)
    )


def png(text: str, scale: int = 6) -> bytes:
    """The same QR code as a black and white PNG (bytes), `scale` pixels a module, for mails."""
    modules = rows(text)
    size = len(modules) * scale
    scan_lines = bytearray()
    for row in modules:
        bits = row.translate({ord("0"): "1" * scale, ord("1"): "0" * scale})
        bits += "0" * (-len(bits) % 8)
        # Each scan line begins with its filter: 0, none.
        scan_lines += (b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")) * scale
    header = struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(scan_lines), 6)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d)) for kind, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def rows(text: str) -> list[str]:
    """The rows of the QR code at level M with a quiet zone of four: "1" is dark, "0" light."""
    drawn = _drawn(text)
    if drawn is None:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
        code.add_data(text, optimize=0)
        code.make(fit=True)
        drawn = ["".join("1" if dark else "0" for dark in row) for row in code.get_matrix()]
    above = ["0" * (len(drawn) + 2 * QUIET)] * QUIET
    return [*above, *(f"{'0' * QUIET}{row}{'0' * QUIET}" for row in drawn), *above]


def dark_runs(row: str) -> Iterator[re.Match[str]]:
    """Where the modules of a row are dark."""
    return _DARK.finditer(row)


# --- the modules of a ticket's code ---------------------------------------------------------------
# The package `qrcode` would need six milliseconds for one; this draws the same, mask by mask and to the module, in a
# fiftieth of them (ISO/IEC 18004). A picture is one whole number of 41 × 41 bits, the first module its highest, so that
# runs and patterns are counted everywhere at once. The fixed parts come from the package.

VERSION, SIZE = 6, 41  # of the codes of tickets: modules a side
BLOCKS, DATA, CHECK = 4, 27, 16  # blocks of data, and the bytes of data and of correction of each
SHORTEST, LONGEST = 123, 154  # characters: fewer fit into version 5, more need version 7
_LETTERS = frozenset(ALPHABET)
AREA = SIZE * SIZE
WHOLE = (1 << AREA) - 1


class _Parts(NamedTuple):
    """What every picture shares: `pick` puts a string of bits where they belong, `tried` and `final` are the eight
    masks with the fixed modules, as they are judged and as they are drawn; `pairs` are the digits of two characters,
    `steps` how the correction moves on by the byte that falls out of it.
    """

    pick: Any
    tried: list[int]
    final: list[int]
    pairs: dict[str, str]
    steps: list[int]


def _drawn(text: str) -> list[str] | None:
    """41 rows of "1" (dark) and "0", or None where the text is of another kind than ours."""
    if not SHORTEST <= len(text) <= LONGEST or text[:1] in "0123456789" or not set(text) <= _LETTERS:
        return None
    parts = _parts()
    placed = int("".join(parts.pick(_bits(text, parts) + "0")), 2)
    # The first of the best counts, as in the package.
    best = min(range(8), key=lambda mask: _penalty(placed ^ parts.tried[mask]))
    drawn = f"{placed ^ parts.final[best]:0{AREA}b}"
    return [drawn[at : at + SIZE] for at in range(0, AREA, SIZE)]


def _bits(text: str, parts: _Parts) -> str:
    """Data and correction of all blocks, interleaved: 1,376 digits."""
    whole = BLOCKS * DATA * 8
    pairs, odd = parts.pairs, len(text) % 2
    said = [f"0010{len(text):09b}", *[pairs[text[at : at + 2]] for at in range(0, len(text) - odd, 2)]]
    if odd:
        said.append(f"{ALPHABET.index(text[-1]):06b}")
    bits = "".join(said)
    bits += "0" * min(4, whole - len(bits))
    bits += "0" * (-len(bits) % 8)
    bits += ("1110110000010001" * DATA * BLOCKS)[: whole - len(bits)]
    data = int(bits, 2).to_bytes(BLOCKS * DATA, "big")
    blocks = [data[at : at + DATA] for at in range(0, len(data), DATA)]
    checks = [_correction(block, parts.steps) for block in blocks]
    mixed = bytes([byte for column in zip(*blocks, strict=True) for byte in column]) + bytes(
        [byte for column in zip(*checks, strict=True) for byte in column]
    )
    return f"{int.from_bytes(mixed, 'big'):0{len(mixed) * 8}b}"


def _correction(block: bytes, steps: list[int]) -> bytes:
    """The Reed-Solomon bytes of a block: the rest of its division by the generator."""
    rest, top, low = 0, 8 * (CHECK - 1), (1 << 8 * (CHECK - 1)) - 1
    for byte in block:
        rest = (rest & low) << 8 ^ steps[rest >> top ^ byte]
    return rest.to_bytes(CHECK, "big")


def _columns(least: int) -> int:
    """The modules whose column is `least` or more."""
    return int(("0" * least + "1" * (SIZE - least)) * SIZE, 2)


# For a step to the left and a step up: how far its bits are apart, and which modules have one, or ten, modules there.
_WAYS = ((1, _columns(1), _columns(10)), (SIZE, WHOLE >> SIZE, WHOLE >> 10 * SIZE))


def _penalty(dark: int) -> int:
    """What a picture loses by the four rules of ISO/IEC 18004, 7.8.3."""
    light, lost, same = dark ^ WHOLE, 0, []
    for step, has_one, has_ten in _WAYS:
        alike = (dark ^ dark >> step ^ WHOLE) & has_one
        same.append(alike)
        # Five alike are four neighbours that are alike: three points, and one for each module more.
        long = alike & alike >> step
        long &= long >> 2 * step
        lost += long.bit_count() + 2 * (long & ~(long >> step)).bit_count()
        # Dark, light, three dark, light, dark, with four light ones before or after it: 40 points each.
        d, n = dark, light
        middle = n >> step & n >> 5 * step & n >> 9 * step & d >> 4 * step & d >> 6 * step & has_ten
        if middle:
            ends = d & d >> 2 * step & d >> 3 * step & n >> 7 * step & n >> 8 * step & n >> 10 * step
            begins = n & n >> 2 * step & n >> 3 * step & d >> 7 * step & d >> 8 * step & d >> 10 * step
            lost += 40 * (middle & (ends | begins)).bit_count()
    across, down = same
    lost += 3 * (across & across >> SIZE & down).bit_count()
    return lost + int(abs(dark.bit_count() / AREA * 100 - 50) / 5) * 10


@cache
def _parts() -> _Parts:
    """Made at the first use, in some milliseconds, by the package `qrcode`."""
    code = qrcode.QRCode(VERSION, qrcode.constants.ERROR_CORRECT_M, border=0)

    def masked(mask: int, is_trial: bool) -> int:
        code.data_cache = [0] * (BLOCKS * (DATA + CHECK))
        code.makeImpl(is_trial, mask)
        return int("".join("1" if dark else "0" for row in code.modules for dark in row), 2)

    tried = [masked(mask, True) for mask in range(8)]
    final = [masked(mask, False) for mask in range(8)]
    code.modules = [list(row) for row in precomputed_qr_blanks[VERSION]]
    code.setup_type_info(True, 0)
    pairs = {
        first + second: f"{45 * high + low:011b}"
        for high, first in enumerate(ALPHABET)
        for low, second in enumerate(ALPHABET)
    }
    return _Parts(itemgetter(*_places(code.modules)), tried, final, pairs, _steps())


def _places(modules: list[list[bool | None]]) -> list[int]:
    """For each module the number of its bit, or of the zero behind them all; None stands where there may be one."""
    last = BLOCKS * (DATA + CHECK) * 8
    places, at, rows = [last] * AREA, 0, range(SIZE)
    for right in (*range(SIZE - 1, 6, -2), 5, 3, 1):  # pairs of columns, up and down; the sixth is none's
        rows = rows[::-1]
        for row in rows:
            for column in (right, right - 1):
                if modules[row][column] is None and at < last:
                    places[row * SIZE + column], at = at, at + 1
    return places


def _steps() -> list[int]:
    """For each byte that falls out of a division the multiple of the generator that goes over the rest."""
    generator = rsPoly_LUT[CHECK][1:]
    multiples = [[base.gexp(base.glog(byte) + base.glog(factor)) for factor in generator] for byte in range(1, 256)]
    return [0, *(int.from_bytes(bytes(multiple), "big") for multiple in multiples)]


def b45encode(data: bytes) -> str:
    """Base 45 (RFC 9285): two bytes become three characters, a last one two."""
    out = []
    for i in range(0, len(data) - 1, 2):
        n = data[i] * 256 + data[i + 1]
        out += [ALPHABET[n % 45], ALPHABET[n // 45 % 45], ALPHABET[n // 2025]]
    if len(data) % 2:
        out += [ALPHABET[data[-1] % 45], ALPHABET[data[-1] // 45]]
    return "".join(out)


def b45decode(text: str) -> bytes:
    """The bytes of this text.

    One text for each: a group of three characters above 65,535, or a last one above 255, is refused (BadCode).
    """
    try:
        digits = [ALPHABET.index(c) for c in text]
    except ValueError as error:
        raise BadCode("not base 45") from error
    if len(digits) % 3 == 1:
        raise BadCode("not base 45")
    out = bytearray()
    for i in range(0, len(digits) - 2, 3):
        n = digits[i] + digits[i + 1] * 45 + digits[i + 2] * 2025
        if n > 65535:
            raise BadCode("not base 45")
        out += n.to_bytes(2, "big")
    if len(digits) % 3 == 2:
        n = digits[-2] + digits[-1] * 45
        if n > 255:
            raise BadCode("not base 45")
        out.append(n)
    return bytes(out)
