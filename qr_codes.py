"""The signed code of a ticket or pass: made, drawn and verified here (keys and codes; security.md C6).

CV1: + base45( version 1 | key id 2 | event 4 | ticket id 16 | seq 1 | zone 1 | not before 4 | expires 4 | Ed25519 signature 64 ), 97 bytes,
150 signs, QR version 6 at level M. Parsers accept exactly one length and the canonical spelling, then verify, then look up.
No name, seat or e-mail inside. `event` is 0 for parking without a match. Times are seconds since 1970, UTC.
"""

import hashlib
import io
import struct
import uuid
import zlib
from dataclasses import dataclass
from functools import lru_cache

import qrcode
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

PREFIX = "CV1:"
PURPOSE = b"cricverse entry code v1\0"  # signed in front of the fields, so that no other signature of ours fits
FIELDS = struct.Struct(">BHI16sBBII")
LENGTH = FIELDS.size + 64
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # RFC 9285


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


class BadCode(ValueError):
    """Not a code of ours: unreadable, altered, or signed by nobody we know."""


def new_key_pair(master_key):
    """(public, wrapped private): 32 raw bytes, and nonce + AES-256-GCM of the private half under the master key."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    nonce = hashlib.sha256(public).digest()[:12]  # the public half is new each time, so the nonce is, too
    return public, nonce + AESGCM(master_key).encrypt(nonce, raw, public)


def unwrap(master_key, public, wrapped):
    """The private key, for signing."""
    wrapped = bytes(wrapped)
    return Ed25519PrivateKey.from_private_bytes(AESGCM(master_key).decrypt(wrapped[:12], wrapped[12:], bytes(public)))


def sign(code, private):
    """The text of a Code, signed."""
    body = FIELDS.pack(1, code.key_id, code.event, code.ticket.bytes, code.seq, code.zone, code.not_before, code.expires)
    return PREFIX + b45encode(body + private.sign(PURPOSE + body))


def read(text, public_key_of):
    """The Code in this text, its signature verified with `public_key_of(key_id)` (32 bytes or None). Raises BadCode."""
    if not isinstance(text, str) or not text.startswith(PREFIX):
        raise BadCode("not a code of ours")
    raw = b45decode(text[len(PREFIX) :])
    if len(raw) != LENGTH or PREFIX + b45encode(raw) != text:
        raise BadCode("wrong length or spelling")
    body, signature = raw[: FIELDS.size], raw[FIELDS.size :]
    version, key_id, event, ticket, seq, zone, not_before, expires = FIELDS.unpack(body)
    public = public_key_of(key_id)
    if version != 1 or public is None:
        raise BadCode("unknown version or key")
    try:
        Ed25519PublicKey.from_public_bytes(bytes(public)).verify(signature, PURPOSE + body)
    except InvalidSignature as error:
        raise BadCode("the signature is not ours") from error
    return Code(key_id, event, uuid.UUID(bytes=ticket), seq, zone, not_before, expires)


@lru_cache(maxsize=512)
def svg_path(text):
    """(size, path): the modules of the QR code at level M with a quiet zone of four, as one SVG path."""
    matrix = _matrix(text)
    path = io.StringIO()
    for y, line in enumerate(matrix):
        x = 0
        while x < len(line):
            run = 0
            while x + run < len(line) and line[x + run]:
                run += 1
            if run:
                path.write(f"M{x} {y}h{run}v1h-{run}z")
            x += run or 1
    return len(matrix), path.getvalue()


def png(text, scale=6):
    """The same QR code as a black and white PNG (bytes), `scale` pixels a module, for mails."""
    matrix = _matrix(text)
    size = len(matrix) * scale
    scan_lines = bytearray()
    for line in matrix:
        bits = "".join(("0" if dark else "1") * scale for dark in line)
        bits += "0" * (-len(bits) % 8)
        # Each scan line begins with its filter: 0, none.
        scan_lines += (b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")) * scale
    header = struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(scan_lines), 9)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d)) for kind, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _matrix(text):
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return code.get_matrix()


def b45encode(data):
    """Base 45 (RFC 9285): two bytes become three signs, a last one two."""
    out = []
    for i in range(0, len(data) - 1, 2):
        n = data[i] * 256 + data[i + 1]
        out += [ALPHABET[n % 45], ALPHABET[n // 45 % 45], ALPHABET[n // 2025]]
    if len(data) % 2:
        out += [ALPHABET[data[-1] % 45], ALPHABET[data[-1] // 45]]
    return "".join(out)


def b45decode(text):
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
