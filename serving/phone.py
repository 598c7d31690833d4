"""Try the gate with a real phone: `make run-phone` serves the product over https on this computer's address in the
local network.

A browser gives a page the camera and a service worker over https only. So a front ends TLS here and passes the bytes on
to the product, which runs as always. Its certificate is signed by an authority made for this one address, whose key is
thrown away at once: a phone that trusts it trusts nothing else by that. For development alone.
"""

import argparse
import asyncio
import contextlib
import datetime
import ipaddress
import signal
import socket
import ssl
import subprocess
import sys
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import qr_codes
from config import PROJECT_DIR, ConfigError, child_environment, load_settings

DAYS = 60  # phones refuse certificates that are good for longer than about a year
CHUNK = 64 * 1024
PATIENCE = 10  # seconds for a handshake, a goodbye, or a plain request; behind the handshake the product's own count


def lan_address():
    """The address by which others in the network reach this computer.

    Nothing is sent: a UDP socket only looks up the way out.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation (RFC 5737)
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


def certificate(home, address):
    """(path of the server's certificate with its key, path of the authority's) for this address; made anew when it
    changed or runs out.
    """
    folder = home / "phone"
    server, authority = folder / "server.pem", folder / "authority.crt"
    if not _is_good(server, address):
        folder.mkdir(parents=True, exist_ok=True)
        pem, root = _make(address)
        server.touch(mode=0o600)
        server.write_bytes(pem)
        authority.write_bytes(root)
    return server, authority


def _is_good(path, address):
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
        x509.IPAddress
    )
    return names == [ipaddress.ip_address(address)] and found.not_valid_after_utc > _now() + datetime.timedelta(days=2)


def _make(address):
    there = ipaddress.ip_address(address)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CricVerse on {address}")])
    only_there = x509.NameConstraints([x509.IPAddress(ipaddress.ip_network(there))], None)
    signs = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    root = (
        _unsigned(root_name, root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(only_there, critical=True)
        .add_extension(signs, critical=True)
        .sign(root_key, hashes.SHA256())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    leaf = (
        _unsigned(name, root_name, key)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(there)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    root_pem = root.public_bytes(serialization.Encoding.PEM)
    return leaf.public_bytes(serialization.Encoding.PEM) + root_pem + key.private_bytes(*form), root_pem


def _unsigned(subject, issuer, key):
    begun = _now() - datetime.timedelta(hours=1)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begun)
    return builder.not_valid_after(begun + datetime.timedelta(days=DAYS))


def _now():
    return datetime.datetime.now(datetime.UTC)


# --- the front --------------------------------------------------------------------------------------------------------


async def front(address, port, product, server_pem, patience=PATIENCE):
    """An asyncio server that ends TLS at (address, port) and passes bytes to and from `product`, a (host, port)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_pem)
    return await asyncio.start_server(
        lambda reader, writer: _pass_on(reader, writer, product, patience),
        address,
        port,
        ssl=context,
        ssl_handshake_timeout=patience,
        ssl_shutdown_timeout=patience,
    )


async def _pass_on(reader, writer, product, patience):
    try:
        there, back = await asyncio.open_connection(*product)
    except OSError:
        writer.close()  # the product is not up yet
        return
    await asyncio.gather(_pump(reader, back, patience), _pump(there, writer, patience))


async def _pump(reader, writer, patience):
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            async with asyncio.timeout(6 * patience):  # for who takes nothing at all
                await writer.drain()
    writer.close()  # TLS knows no half-closed connection: either end ends both


async def hand_out(address, port, authority, patience=PATIENCE):
    """A plain server that answers everything with the authority's certificate, for phones to trust."""
    answer = authority.read_bytes()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/x-x509-ca-cert\r\nContent-Length: {len(answer)}\r\nConnection: "
        "close\r\n\r\n"
    )

    async def give(reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(patience):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(head.encode() + answer)
                await writer.drain()
        writer.close()

    return await asyncio.start_server(give, address, port)


# --- the program ------------------------------------------------------------------------------------------------------


def terminal_qr(text):
    """The QR code of a text in half blocks, dark on light whatever the terminal's colours are."""
    rows = qr_codes.rows(text)
    rows += ["0" * len(rows[0])] * (len(rows) % 2)
    signs = {"00": " ", "10": "▀", "01": "▄", "11": "█"}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join(
        "\x1b[30;107m" + "".join(signs[a + b] for a, b in zip(*pair, strict=True)) + "\x1b[0m" for pair in pairs
    )


def words(address, port, authority_port):
    """What is printed once the product answers."""
    url = f"https://{address}:{port}"
    return f"""
{terminal_qr(url + "/gate")}
The gate's page for a phone in this network: {url}/gate
  It asks for a pairing code. Sign in at {url}/gates as the supervisor of the gates (the accounts are above),
  and add a phone there.
  The browsers warn of a certificate that they do not know; the camera works once you go on. For the page without a
  network the phone must trust the certificate: open http://{address}:{authority_port} on it and install what comes,
  as an authority ("CA certificate").
  Card payments of the sandbox work in a browser on this computer only."""


async def run(settings, address, port, authority_port):
    server_pem, authority = certificate(settings.home, address)
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    servers = [
        await front(address, port, (host, settings.port), server_pem),
        await hand_out(address, authority_port, authority),
    ]
    environment = child_environment(replace(settings, public_url=f"https://{address}:{port}"))
    product = subprocess.Popen([sys.executable, "app.py"], env=environment, cwd=PROJECT_DIR, start_new_session=True)
    ended = asyncio.create_task(asyncio.to_thread(product.wait))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, product.terminate)
    try:
        announced = False
        while not ended.done():
            await asyncio.wait([ended], timeout=0.5)
            if not announced and not ended.done() and await _answers(host, settings.port):
                print(words(address, port, authority_port), flush=True)
                announced = True
        return max(product.returncode, 0)
    finally:
        for server in servers:
            server.close()
        if product.poll() is None:
            product.terminate()
            await asyncio.to_thread(product.wait)


async def _answers(host, port):
    try:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        found = await asyncio.wait_for(reader.read(64), 5)
        writer.close()
        return b" 200 " in found
    except OSError:  # a TimeoutError is one
        return False


def main(arguments=None):
    """Run the product and its front until SIGINT or SIGTERM; the exit status."""
    parser = argparse.ArgumentParser(
        prog="serving/phone.py", description="Serve the product over https for phones in the local network."
    )
    parser.add_argument(
        "--address", default=None, help="this computer's address in the network, if it is not found by itself"
    )
    parser.add_argument("--port", type=int, default=5443)
    parser.add_argument("--certificate-port", type=int, default=5480)
    given = parser.parse_args(arguments)
    try:
        settings = load_settings()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    if settings.is_public:
        print(
            f"This is for development; {settings.environment} has an address and a certificate of its own.",
            file=sys.stderr,
        )
        return 1
    try:
        return asyncio.run(run(settings, given.address or lan_address(), given.port, given.certificate_port))
    except OSError as error:
        print(
            f"The front cannot listen: {error.strerror or error}. Choose another --port or --address.", file=sys.stderr
        )
        return 1


if __name__ == "__main__":
    sys.exit(main())
