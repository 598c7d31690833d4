"""A browser as far as a server sees one, cheap enough that hundreds fit into one process: a connection, a cookie jar,
an address of its own behind the proxy, and the headers that Chromium sends.
"""

import gzip
import json
import re
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
BOUNDARY = "----bench7MA4YWxkTrZu0gW"


class Failed(Exception):
    """An answer that is not what the journey needs."""


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes  # as it travelled

    @property
    def plain(self):
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body

    @property
    def json(self):
        return json.loads(self.plain)

    @property
    def token(self):
        """The form's token in this page; a bare server, whose page is another's bytes, says it in a header."""
        found = self.headers.get("x-csrf-token")
        return found or TOKEN.search(self.plain)[1].decode()


@dataclass
class Browser:
    """`times` collects (name of the step, milliseconds); a step without a name is not kept."""

    base: str
    address: str = "203.0.113.1"
    timeout: float = 60
    cookies: dict = field(default_factory=dict)
    times: list = field(default_factory=list)
    sock: socket.socket | None = None
    rest: bytes = b""

    def __post_init__(self):
        self.host = self.base.removeprefix("http://")
        name, _, port = self.host.partition(":")
        self.at = name, int(port)

    def close(self):
        if self.sock is not None:
            self.sock.close()
            self.sock, self.rest = None, b""

    def get(self, path, step=None, expect=(200,), **headers):
        return self.ask("GET", path, None, None, step, expect, headers)

    def post_json(self, path, body, step=None, expect=(200, 201), **headers):
        return self.ask("POST", path, json.dumps(body).encode(), "application/json", step, expect, headers)

    def post_form(self, path, fields, step=None, expect=(200, 303), **headers):
        data = urlencode(fields).encode()
        return self.ask("POST", path, data, "application/x-www-form-urlencoded", step, expect, headers)

    def post_parts(self, path, fields, step=None, expect=(200, 303), **headers):
        """A form as `fetch` sends a FormData: multipart."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields
        ]
        data = ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()
        return self.ask("POST", path, data, f"multipart/form-data; boundary={BOUNDARY}", step, expect, headers)

    def ask(self, method, path, data, kind, step, expect, headers):
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host}",
            f"X-Forwarded-For: {self.address}",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
            "Accept: text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Encoding: gzip, deflate, br",
            "Accept-Language: en",
            f"Sec-Fetch-Site: {'same-origin' if data is not None or self.cookies else 'none'}",
        ]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if data is not None:
            lines += [f"Origin: {self.base}", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        began = time.perf_counter()
        answer = self._send(("\r\n".join(lines) + "\r\n\r\n").encode() + (data or b""))
        if step:
            self.times.append((step, (time.perf_counter() - began) * 1000))
        if answer.status not in expect:
            raise Failed(f"{method} {path}: {answer.status} {answer.plain[:300]!r}")
        return answer

    def _send(self, request):
        for attempt in (1, 2):
            fresh = self.sock is None
            if fresh:
                self.sock = socket.create_connection(self.at, timeout=self.timeout)
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.sock.sendall(request)
                return self._read()
            except (ConnectionError, TimeoutError):
                self.close()
                # A kept connection may have been closed meanwhile; a fresh one that fails is a failure.
                if fresh or attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def _more(self):
        data = self.sock.recv(262144)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        return data

    def _read(self):
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head, body = data[:end].decode("latin-1").split("\r\n"), data[end + 4 :]
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            if name == "set-cookie":
                self._keep(value)
            headers[name] = value
        if headers.get("transfer-encoding") == "chunked":
            body, self.rest = self._chunks(body)
        else:
            size, parts = int(headers.get("content-length", 0)), [body]
            got = len(body)
            while got < size:
                parts.append(self._more())
                got += len(parts[-1])
            body = b"".join(parts)
            body, self.rest = body[:size], body[size:]
        status = int(head[0].split(" ", 2)[1])
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    def _chunks(self, data):
        body = b""
        while True:
            while (end := data.find(b"\r\n")) < 0:
                data += self._more()
            size = int(data[:end].split(b";")[0], 16)
            while len(data) < end + 2 + size + 2:
                data += self._more()
            body += data[end + 2 : end + 2 + size]
            data = data[end + 2 + size + 2 :]
            if size == 0:
                return body, data

    def _keep(self, value):
        pair, *more = value.split(";")
        name, _, content = pair.partition("=")
        if any(part.strip().lower() in ("max-age=0",) for part in more) or not content:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = content
