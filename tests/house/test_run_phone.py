"""`make run-phone`: a certificate for one address, a front that passes everything on, and a code for the camera."""

import asyncio
import http.server
import socket
import ssl
import stat
import threading
import urllib.request

import pytest
from cryptography import x509

from serving import phone

BODY = bytes(range(256)) * 4096  # a megabyte in many records


class Product(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent[::-1])

    def log_message(self, *_):
        pass


@pytest.fixture
def product():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Product) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address
        server.shutdown()


@pytest.fixture
def paths(tmp_path):
    return phone.certificate(tmp_path, "127.0.0.1")


class Front:
    """The front and the authority's server, in an event loop of their own."""

    def __init__(self, product, paths, patience=phone.PATIENCE):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        start = lambda made: asyncio.run_coroutine_threadsafe(made, self.loop).result(10)  # noqa: E731
        self.servers = [
            start(phone.front("127.0.0.1", 0, product, paths[0], patience)),
            start(phone.hand_out("127.0.0.1", 0, paths[1], patience)),
        ]
        self.ports = [server.sockets[0].getsockname()[1] for server in self.servers]

    def close(self):
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _end(self):
        for server in self.servers:
            server.close()
        mine = asyncio.all_tasks() - {asyncio.current_task()}
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        await asyncio.sleep(0.1)  # the transports say goodbye


@pytest.fixture
def front(product, paths):
    front = Front(product, paths)
    yield front
    front.close()


def test_a_browser_that_trusts_the_authority_gets_through(front, paths):
    context = ssl.create_default_context(cafile=paths[1])
    request = urllib.request.Request(f"https://127.0.0.1:{front.ports[0]}/", data=BODY)
    with urllib.request.urlopen(request, context=context, timeout=20) as answer:
        assert answer.read() == BODY[::-1]
    with urllib.request.urlopen(f"http://127.0.0.1:{front.ports[1]}/", timeout=20) as answer:
        assert answer.read() == paths[1].read_bytes() and answer.headers["Content-Type"] == "application/x-x509-ca-cert"


def test_half_a_handshake_and_half_a_request_are_let_go(product, paths):
    front = Front(product, paths, patience=1)
    for port, half in zip(front.ports, (b"\x16\x03\x01\x02", b"GET / HT"), strict=True):
        with socket.create_connection(("127.0.0.1", port), 20) as wire:
            wire.sendall(half)
            assert wire.recv(100) == b""  # or the test's own 20 seconds are over
    front.close()


def test_others_do_not_trust_it(front):
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        socket.create_connection(("127.0.0.1", front.ports[0]), 10) as plain,
    ):
        ssl.create_default_context().wrap_socket(plain, server_hostname="127.0.0.1")


def test_the_authority_is_for_one_address_and_has_no_key(paths, tmp_path):
    root = x509.load_pem_x509_certificate(paths[1].read_bytes())
    permitted = root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    assert [str(each.value) for each in permitted] == ["127.0.0.1/32"]
    assert b"PRIVATE" not in paths[1].read_bytes() and paths[0].read_bytes().count(b"PRIVATE KEY-----") == 2
    server = x509.load_pem_x509_certificate(paths[0].read_bytes())
    assert server.public_key() != root.public_key()
    assert stat.S_IMODE(paths[0].stat().st_mode) == 0o600


def test_it_is_kept_while_the_address_stays(paths, tmp_path):
    before = paths[0].read_bytes()
    assert phone.certificate(tmp_path, "127.0.0.1")[0].read_bytes() == before
    assert phone.certificate(tmp_path, "192.0.2.7")[0].read_bytes() != before


def test_the_code_in_the_terminal_is_the_address(tmp_path):
    """Read back as the camera would: every half block is a module."""
    import qr_codes

    lines = [
        line.removeprefix("\x1b[30;107m").removesuffix("\x1b[0m")
        for line in phone.terminal_qr("https://192.0.2.7:5443/gate").split("\n")
    ]
    modules = [row for line in lines for row in ([c in "▀█" for c in line], [c in "▄█" for c in line])]
    assert modules[: len(lines[0])] == [[c == "1" for c in row] for row in qr_codes.rows("https://192.0.2.7:5443/gate")]


def test_a_public_site_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("CRICVERSE_ENV", "production")
    assert phone.main([]) == 1 and capsys.readouterr().err
