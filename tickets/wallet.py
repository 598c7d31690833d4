"""Passes for the phones' own wallets: Apple's .pkpass file and Google's link, each only where its keys are configured.

Apple: a zip of pass.json, pictures, a manifest of their SHA-1 sums and a detached PKCS #7 signature of it
(developer.apple.com, Wallet Passes). Google: a link that carries a JWT signed by our service account
(developers.google.com/wallet, event tickets). Google's pass turns its code as our page does; Apple's cannot, so where
codes rotate it asks for an identity card.
"""

import base64
import hashlib
import io
import json
import time
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import pkcs7
from flask import current_app
from PIL import Image, ImageDraw

import qr_codes
from models import Stadium
from tickets.pdf import Card

GOOGLE_SAVE = "https://pay.google.com/gp/v/save/"
BOARD, INK, BALL = (22, 58, 45), (238, 244, 232), (168, 18, 58)


def offers_apple() -> bool:
    return current_app.config["SETTINGS"].apple_pass is not None


def offers_google() -> bool:
    return current_app.config["SETTINGS"].google_wallet is not None


# --- Apple ----------------------------------------------------------------------------------------


def apple(card: Card, right_id: UUID, begins: datetime, ends: datetime) -> bytes:
    """The .pkpass file (bytes) of a ticket_pdf.Card."""
    certificate, key, chain, team, kind = current_app.config["SETTINGS"].apple_pass
    files = {
        "pass.json": json.dumps(_apple_pass(card, right_id, begins, ends, team, kind), ensure_ascii=False).encode()
    }
    files |= {"icon.png": _icon(29), "icon@2x.png": _icon(58), "logo.png": _icon(50)}
    files["manifest.json"] = json.dumps(
        {name: hashlib.sha1(body, usedforsecurity=False).hexdigest() for name, body in files.items()}
    ).encode()
    signer = x509.load_pem_x509_certificate(certificate)
    signing_key: Any = serialization.load_pem_private_key(key, None)
    files["signature"] = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(files["manifest.json"])
        .add_signer(signer, signing_key, hashes.SHA256())
        .add_certificate(x509.load_pem_x509_certificate(chain))
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in files.items():
            file.writestr(name, body)
    return packed.getvalue()


def _apple_pass(card: Card, right_id: UUID, begins: datetime, ends: datetime, team: str, kind: str) -> dict[str, Any]:
    def fields(prefix: str, of: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
        return [{"key": f"{prefix}{i}", "label": label, "value": words} for i, (label, words) in enumerate(of)]

    way = [(label, text) for label, text, _ in card.plates]
    return {
        "formatVersion": 1,
        "passTypeIdentifier": kind,
        "teamIdentifier": team,
        "serialNumber": f"{right_id}-{hashlib.sha256(card.code.encode()).hexdigest()[:8]}",
        "organizationName": "CricVerse",
        "description": card.heading,
        "foregroundColor": f"rgb{INK}",
        "labelColor": f"rgb{INK}",
        "backgroundColor": f"rgb{BOARD}",
        "relevantDate": begins.astimezone(UTC).isoformat(timespec="seconds"),
        "expirationDate": ends.astimezone(UTC).isoformat(timespec="seconds"),
        "barcodes": [
            {
                "format": "PKBarcodeFormatQR",
                "message": card.code,
                "messageEncoding": "iso-8859-1",
                "altText": card.short,
            }
        ],
        "eventTicket": {
            "headerFields": fields("gate", way[:1]),
            "primaryFields": fields("event", [("", card.heading)]),
            "secondaryFields": fields("when", [("", card.when)]),
            "auxiliaryFields": fields("seat", way[1:]),
            "backFields": fields(
                "fact", [*card.facts, ("At the gate", card.note), ("To type", card.short), ("Where", card.place)]
            ),
        },
    }


@lru_cache(4)
def _icon(size: int) -> bytes:
    """The ball on the board."""
    picture = Image.new("RGB", (size * 4, size * 4), BOARD)
    pen = ImageDraw.Draw(picture)
    edge = size * 4 // 6
    pen.ellipse((edge, edge, size * 4 - edge, size * 4 - edge), fill=BALL)
    pen.arc((edge, -size, size * 4 - edge, size * 2), 40, 140, fill=INK, width=max(2, size // 6))
    body = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(body, "PNG")
    return body.getvalue()


# --- Google ---------------------------------------------------------------------------------------


def google(
    card: Card, right_id: UUID, begins: datetime, ends: datetime, stadium: Stadium, secret: str | None | None = None
) -> str:
    """The link that puts a ticket_pdf.Card into Google Wallet. `secret` is that of a rotating code (base64url)."""
    issuer, account = current_app.config["SETTINGS"].google_wallet
    account = json.loads(account)
    of_event = (
        f"{issuer}.{hashlib.sha256(f'{stadium.id} {card.heading} {begins.isoformat()}'.encode()).hexdigest()[:24]}"
    )
    said = {
        "iss": account["client_email"],
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(time.time()),
        "origins": [current_app.config["SETTINGS"].public_url],
        "payload": {
            "eventTicketClasses": [
                {
                    "id": of_event,
                    "issuerName": "CricVerse",
                    "reviewStatus": "UNDER_REVIEW",
                    "eventName": _text(card.heading),
                    "venue": {
                        "name": _text(stadium.name),
                        "address": _text(", ".join(x for x in (stadium.address, stadium.city) if x)),
                    },
                    "dateTime": {"start": begins.astimezone(UTC).isoformat(), "end": ends.astimezone(UTC).isoformat()},
                }
            ],
            "eventTicketObjects": [_google_ticket(card, right_id, issuer, of_event, secret)],
        },
    }
    return GOOGLE_SAVE + _jwt(said, account["private_key"])


def _google_ticket(card: Card, right_id: UUID, issuer: str, of_event: str, secret: str | None) -> dict[str, Any]:
    places = {label.lower(): _text(text) for label, text, _ in card.plates}
    ticket: dict[str, Any] = {
        "id": f"{issuer}.{right_id}-{hashlib.sha256(card.code.encode()).hexdigest()[:8]}",
        "classId": of_event,
        "state": "ACTIVE",
        "seatInfo": {
            name: places[ours]
            for name, ours in (("gate", "gate"), ("section", "bay"), ("row", "row"), ("seat", "seat"))
            if ours in places
        },
        "textModulesData": [
            {"id": f"fact{i}", "header": label, "body": words} for i, (label, words) in enumerate(card.facts)
        ],
    }
    if secret:
        key = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4)).hex()
        ticket["rotatingBarcode"] = {
            "type": "QR_CODE",
            "valuePattern": card.code + "/{totp_value_0}",
            "alternateText": card.short,
            "totpDetails": {
                "algorithm": "TOTP_SHA1",
                "periodMillis": str(qr_codes.STEP * 1000),
                "parameters": [{"key": key, "valueLength": 8}],
            },
        }
    else:
        ticket["barcode"] = {"type": "QR_CODE", "value": card.code, "alternateText": card.short}
    return ticket


def _text(words: str) -> dict[str, Any]:
    return {"defaultValue": {"language": "en-GB", "value": words}}


def _jwt(said: Mapping[str, Any], private_key: str) -> str:
    """A JSON Web Token signed with RS256 (RFC 7515)."""
    parts = b".".join(
        base64.urlsafe_b64encode(json.dumps(part, separators=(",", ":")).encode()).rstrip(b"=")
        for part in ({"alg": "RS256", "typ": "JWT"}, said)
    )
    key: Any = serialization.load_pem_private_key(private_key.encode(), None)
    signature = base64.urlsafe_b64encode(key.sign(parts, padding.PKCS1v15(), hashes.SHA256())).rstrip(b"=")
    return (parts + b"." + signature).decode()
