"""Thousands of Socket.IO clients in one cheap process: sockets on epoll, frames taken apart by hand.

  python -m bench.fanout_clients --ports 5001[,5002] --count 1000

Reads one JSON command a line, answers with one JSON line each: `connect` joins every client to the room, `listen`
counts what comes until every client has every event up to `until` (a part of them goes away and comes back meanwhile),
`stop` ends. A client that comes back joins with the last seq that it has and is told what it missed, as the product's
client fetches it.
"""

import argparse
import gc
import heapq
import json
import random
import resource
import select
import socket
import struct
import sys
import time

HELLO = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: "
    b"Upgrade\r\n"
    b"Origin: http://127.0.0.1:%d\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ROOM = "match:1"
AT_ONCE = 64  # connections under way at the same time


def frame(text, opcode=0x81):
    payload = text.encode()
    size = (
        struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 0x80 | 126, len(payload))
    )
    return bytes([opcode]) + size + bytes(4) + payload  # the mask 0 leaves the payload as it is


class Client:
    __slots__ = ("port", "sock", "rest", "upgraded", "joined", "got")

    def __init__(self, port):
        self.port, self.got = port, 0
        self.sock = None


class Crowd:
    def __init__(self, ports, count, product):
        self.product = product
        self.clients = [Client(ports[n % len(ports)]) for n in range(count)]
        self.by_fd = {}
        self.epoll = select.epoll()
        self.joined = self.delivered = self.doubled = self.missed = self.cut = 0
        self.latencies = []
        self.last, self.last_bit, self.last_stamp = b"", 0, 0
        self.timers = []
        self.base = 0  # the seq before the first of this run

    def open(self, client):
        client.sock = socket.create_connection(("127.0.0.1", client.port))
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sock.setblocking(False)
        client.rest, client.upgraded, client.joined = b"", False, False
        client.sock.send(HELLO % (client.port, client.port))
        self.by_fd[client.sock.fileno()] = client
        self.epoll.register(client.sock.fileno(), select.EPOLLIN)

    def close(self, client, politely=False):
        fd = client.sock.fileno()
        if politely:
            client.sock.send(frame("", 0x88))
        self.epoll.unregister(fd)
        del self.by_fd[fd]
        client.sock.close()
        client.sock = None
        if client.joined:
            self.joined -= 1
            client.joined = False

    def turn(self, seconds):
        """Whatever the network has for us within so many seconds."""
        by_fd, take = self.by_fd, self.take
        for fd, _ in self.epoll.poll(seconds, 512):
            client = by_fd.get(fd)
            if client is None:
                continue
            try:
                data = client.sock.recv(65536)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self.cut += 1
                self.close(client)
                self.at(0.5 * random.random(), self.open, client)
                continue
            take(client, data, time.monotonic_ns())
        while self.timers and self.timers[0][0] <= time.monotonic():
            _, _, what, arguments = heapq.heappop(self.timers)
            what(*arguments)

    def at(self, seconds, what, *arguments):
        heapq.heappush(self.timers, (time.monotonic() + seconds, random.random(), what, arguments))

    def take(self, client, data, now):
        if client.rest:
            data, client.rest = client.rest + data, b""
        if not client.upgraded:
            head, there, data = data.partition(b"\r\n\r\n")
            if not there:
                client.rest = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise SystemExit(f"refused: {head[:200]!r}")
            client.upgraded = True
        at, end = 0, len(data)
        while end - at >= 2:
            size, begin = data[at + 1], at + 2
            if size == 126:
                if end - at < 4:
                    break
                size, begin = data[at + 2] << 8 | data[at + 3], at + 4
            elif size == 127:
                if end - at < 10:
                    break
                size, begin = struct.unpack_from("!Q", data, at + 2)[0], at + 10
            stop = begin + size
            if stop > end:
                break
            payload = data[begin:stop]
            if payload != self.last:
                self.other(client, payload, data[at])
            if payload == self.last:
                if client.got & self.last_bit:
                    self.doubled += 1
                else:
                    client.got |= self.last_bit
                    self.delivered += 1
                    self.latencies.append(now - self.last_stamp)
            at = stop
        if at < end:
            client.rest = data[at:]

    def other(self, client, payload, opcode):
        """Any message but the event that came last."""
        if payload.startswith(b'42["match_update"'):
            body = json.loads(payload[2:])[1]
            self.last, self.last_bit, self.last_stamp = (
                payload,
                1 << body["seq"] - self.base,
                body["t"] if "t" in body else body["patch"]["t"],
            )
        elif payload == b"2":
            client.sock.send(frame("3"))
        elif payload[:1] == b"0":
            client.sock.send(frame("40"))
        elif payload[:2] == b"40" and self.product:
            client.sock.send(frame('42["join_match",{"match_id":1}]'))
        elif payload[:2] == b"40":
            client.sock.send(frame("42" + json.dumps(["join", {"room": ROOM, "after": self.have(client)}])))
        elif payload.startswith(b'42["joined"'):
            client.joined = True
            self.joined += 1
        elif payload.startswith(b'42["missed"'):
            self.told(client, json.loads(payload[2:])[1])
        elif payload.startswith(b'42["subscription_status"'):
            status = json.loads(payload[2:])[1]
            if not client.joined and "seq" in status:
                client.joined = True
                self.joined += 1
                # The product's client now fetches what it missed; that these are the ones it would get is all that
                # counts here.
                self.told(client, range(self.have(client) + 1, status["seq"] + 1))

    def have(self, client):
        """The seq up to which a client has everything."""
        have = 0
        while client.got >> have + 1 & 1:
            have += 1
        return self.base + have

    def told(self, client, seqs):
        for seq in seqs:
            bit = 1 << seq - self.base
            self.missed += not client.got & bit
            client.got |= bit  # a live event may overtake the list; the list never doubles anything

    def connect(self):
        waiting, began = list(self.clients), time.monotonic()
        opened = 0
        while self.joined < len(self.clients):
            while waiting and opened - self.joined < AT_ONCE:
                self.open(waiting.pop())
                opened += 1
            self.turn(0.05)
            if time.monotonic() - began > 180:
                raise SystemExit(f"only {self.joined} of {len(self.clients)} joined")
        return {"seconds": time.monotonic() - began, "per_second": len(self.clients) / (time.monotonic() - began)}

    def come_back(self, politely, client):
        if client.sock is None:
            return
        self.close(client, politely)
        self.at(0.2 + 0.8 * random.random(), self.open, client)

    def listen(self, base, until, seconds, reconnect):
        self.base = base
        self.delivered = self.doubled = self.missed = self.cut = 0
        self.latencies, self.last = [], b""
        for client in self.clients:
            client.got = 0
        for n, client in enumerate(random.sample(self.clients, int(len(self.clients) * reconnect))):
            self.at(seconds * (0.1 + 0.7 * random.random()), self.come_back, n % 2 == 0, client)
        gc.collect()
        gc.freeze()
        gc.disable()
        print(json.dumps({"ready": True}), flush=True)  # Only now may the first event come.
        cpu, began = time.process_time(), time.monotonic()
        whole = (1 << until - base + 1) - 2
        deadline = began + seconds + 15
        while time.monotonic() < deadline:
            self.turn(0.05)
            if time.monotonic() > began + seconds and all(client.got == whole for client in self.clients):
                break
        cpu = (time.process_time() - cpu) / (time.monotonic() - began)
        for _ in range(5):
            self.turn(0.05)  # what comes too late to be missing may still come twice
        gc.enable()
        found = sorted(self.latencies)
        at = lambda share: found[min(len(found) - 1, int(len(found) * share))] / 1e6 if found else None  # noqa: E731
        return {
            "delivered": self.delivered,
            "missed": self.missed,
            "lost": sum((whole & ~client.got).bit_count() for client in self.clients),
            "doubled": self.doubled,
            "cut": self.cut,
            "p50": at(0.5),
            "p99": at(0.99),
            "max": found[-1] / 1e6 if found else None,
            "client_cpu": cpu,
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ports", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--product", action="store_true", help="speak to CricVerse instead of a bare server")
    asked = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    crowd = Crowd([int(port) for port in asked.ports.split(",")], asked.count, asked.product)
    commands = {"connect": crowd.connect, "listen": crowd.listen}
    incoming = select.poll()
    incoming.register(sys.stdin, select.POLLIN)
    while True:
        while not incoming.poll(0):
            crowd.turn(0.05)  # pings are answered while nobody asks
        line = sys.stdin.readline()
        if not line:
            return
        command = json.loads(line)
        name = command.pop("do")
        print(json.dumps(commands[name](**command)), flush=True)


if __name__ == "__main__":
    main()
