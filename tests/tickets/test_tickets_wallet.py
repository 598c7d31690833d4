"""Passes for the phones' wallets, with certificates made here: signed, whole, with the ticket's own code; not offered
without keys.
"""

import base64
import hashlib
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

import qr_codes
from config import ConfigError, load_settings
from tests.support.selling import paid_booking


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate(name, key, issuer=None, issuer_key=None):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
        .sign(issuer_key or key, hashes.SHA256())
    )


@pytest.fixture(scope="module")
def keys():
    """(chain key, chain certificate, pass key, pass certificate)."""
    chain_key, pass_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    chain = certificate("Chain", chain_key)
    return chain_key, chain, pass_key, certificate("Pass", pass_key, chain, chain_key)


def as_pem(cert):
    return cert.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def with_wallets(app, keys):
    """Configure both wallets for one test."""
    _, chain, key, cert = keys
    before = app.config["SETTINGS"]
    account = json.dumps({"client_email": "wallet@example.iam.gserviceaccount.com", "private_key": pem(key).decode()})
    apple = (as_pem(cert), pem(key), as_pem(chain), "TEAM123456", "pass.org.example.tickets")
    app.config["SETTINGS"] = replace(before, apple_pass=apple, google_wallet=("3388000000012345678", account))
    yield
    app.config["SETTINGS"] = before


@pytest.fixture
def sold(as_asha, ground, sandbox):
    return paid_booking(as_asha, ground, ["A1", "A2"], sandbox)


def test_without_keys_no_wallet_is_offered(as_asha, sold, rows):
    page = as_asha.get(f"/tickets/{sold['id']}")
    assert "Wallet" not in page.text
    right = rows.value("select id from ticket limit 1")
    assert as_asha.post(f"/tickets/{sold['id']}/rights/{right}/apple").status == 404


def test_an_apple_pass_is_signed_and_whole(as_asha, sold, rows, with_wallets, keys, tmp_path):
    assert as_asha.get(f"/tickets/{sold['id']}").text.count("Add to Apple Wallet") == 2
    right = rows(
        "select t.id, t.hash, q.code from ticket t join qr_code q on q.ticket_id = t.id order by t.line_id limit 1"
    )[0]
    answer = as_asha.post(f"/tickets/{sold['id']}/rights/{right['id']}/apple")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/vnd.apple.pkpass"
    with zipfile.ZipFile(io.BytesIO(answer.response.get_data())) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(files["manifest.json"])
    assert set(manifest) == set(files) - {"manifest.json", "signature"} >= {"pass.json", "icon.png", "icon@2x.png"}
    assert all(hashlib.sha1(files[name]).hexdigest() == digest for name, digest in manifest.items())
    said = json.loads(files["pass.json"])
    assert said["barcodes"][0]["message"] == right["code"] and said["barcodes"][0]["altText"] == qr_codes.short_code(
        right["hash"]
    )
    assert said["teamIdentifier"] == "TEAM123456" and said["passTypeIdentifier"] == "pass.org.example.tickets"
    for name in ("manifest.json", "signature"):
        (tmp_path / name).write_bytes(files[name])
    (tmp_path / "chain.pem").write_bytes(as_pem(keys[1]))
    check = [
        "openssl",
        "smime",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "signature",
        "-content",
        "manifest.json",
        "-CAfile",
        "chain.pem",
        "-purpose",
        "any",
    ]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "manifest.json").write_bytes(files["manifest.json"] + b" ")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode != 0


def test_strangers_get_no_apple_pass(as_asha, as_ben, as_petra, visitor, sold, rows, with_wallets):
    right = rows.value("select id from ticket limit 1")
    for browser in (as_ben, as_petra, visitor):
        assert browser.post(f"/tickets/{sold['id']}/rights/{right}/apple").status == 404
    rows("update ticket set status = 'void', void_at = now()")
    assert as_asha.post(f"/tickets/{sold['id']}/rights/{right}/apple").status == 404


def google_links(page):
    return [
        a.attrs["href"]
        for a in page.root.find_all("a")
        if a.attrs.get("href", "").startswith("https://pay.google.com/gp/v/save/")
    ]


def read_jwt(link, key):
    head, body, signature = link.rpartition("/")[2].split(".")
    padded = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (head, body, signature)]
    key.public_key().verify(padded[2], f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return json.loads(padded[1])


def test_a_google_link_carries_the_ticket_signed(as_asha, sold, rows, with_wallets, keys):
    links = google_links(as_asha.get(f"/tickets/{sold['id']}"))
    assert len(links) == 2
    said = read_jwt(links[0], keys[2])
    assert said["aud"] == "google" and said["typ"] == "savetowallet" and said["iss"].startswith("wallet@")
    (ticket,) = said["payload"]["eventTicketObjects"]
    assert ticket["barcode"]["value"] in [r["code"] for r in rows("select code from qr_code")]
    assert (
        ticket["seatInfo"]["gate"]["defaultValue"]["value"] == "C"
        and ticket["classId"] == said["payload"]["eventTicketClasses"][0]["id"]
    )


def test_googles_pass_turns_its_code_as_the_page_does(app, as_asha, sold, rows, with_wallets, keys):
    rows("update event set rotating_codes = true")
    said = read_jwt(google_links(as_asha.get(f"/tickets/{sold['id']}"))[0], keys[2])
    (ticket,) = said["payload"]["eventTicketObjects"]
    turning = ticket["rotatingBarcode"]
    row = rows(
        "select t.id, t.seq, q.key_id, q.code from ticket t join qr_code q on q.ticket_id = t.id "
        "order by t.line_id limit 1"
    )[0]
    secret = qr_codes.right_secret(
        qr_codes.event_secret(app.config["SETTINGS"].qr_master_key, row["key_id"]), row["id"], row["seq"]
    )
    assert "barcode" not in ticket and turning["valuePattern"] == row["code"] + "/{totp_value_0}"
    assert (
        turning["totpDetails"]["periodMillis"] == "15000"
        and bytes.fromhex(turning["totpDetails"]["parameters"][0]["key"]) == secret
    )


def test_some_of_the_keys_are_not_enough(tmp_path):
    (tmp_path / "pass.pem").write_text("x")
    with pytest.raises(ConfigError) as error:
        load_settings(
            {
                "CRICVERSE_ENV": "testing",
                "CRICVERSE_HOME": str(tmp_path),
                "APPLE_PASS_CERT": str(tmp_path / "pass.pem"),
                "GOOGLE_WALLET_KEY": "/nowhere",
            }
        )
    assert {
        "APPLE_PASS_KEY",
        "APPLE_PASS_CHAIN",
        "APPLE_PASS_TEAM",
        "APPLE_PASS_TYPE",
        "GOOGLE_WALLET_KEY",
        "GOOGLE_WALLET_ISSUER",
    } <= set(error.value.problems)
