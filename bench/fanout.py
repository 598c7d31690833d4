"""Fan-out: one room, thousands of websocket clients, our server beside stock python-socketio and Node's socket.io of
the same run.

  python -m bench.fanout                       the whole table (about ten minutes)
  python -m bench.fanout --servers ours-eventlet node --runs 1000x1 1000x10 --seconds 10
  python -m bench.fanout --redis               two processes, one Redis: every client gets every event exactly once
                                               python -m bench.fanout --holds a hold's p99 while 1,000 sockets get an
                                               event a second, beside without sockets

`ours-…` is a bare python-socketio server with live/fanout.py, to be compared with the bare stock server and Node;
`product-…` is CricVerse itself, with its checks, its numbers of people watching and its database. Events of 300 bytes
carry the monotonic clock of their emission; the clients (bench/fanout_clients.py) read the same clock. Every server is
pinned to the first core and the clients to the second, for all alike; nothing else should run. Each run has two halves:
in the second, 10 % of the clients go away and come back; they say which event they had last and are told the rest, so
"lost" means never obtained.

  p50, p99   from the emission to the client's read, ms cpu the server process's CPU per delivered message, µs
  moving     the same while clients come and go conn/s connect, Socket.IO handshake and join, per second
  KiB        (RSS with all clients - RSS before) / clients       lost     events that a client never got
  doubled    events that came live twice                         cut      clients that the server cut off
  told later fetched after coming back                           load     how busy the load clients' core was

gevent and Node's socket.io are no dependencies of the product: they are installed into var/bench the first time.
"""

import argparse
import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from bench import stage

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var" / "bench"
SERVERS = [
    "product-eventlet",
    "ours-eventlet",
    "stock-eventlet",
    "ours-gevent",
    "stock-gevent",
    "product-threading",
    "ours-threading",
    "stock-threading",
    "node",
]
RUNS = ["1000x1", "1000x10", "5000x1"]
# Threads cost a stack each: in threading mode 5,000 clients would be 10,000 threads (20,000 in stock), more than most
# limits allow.
THREADING_MOST = 1000
COLUMNS = ["server", "clients", "rate/s", "p50", "p99", "cpu", "p99 moving", "cpu moving", "conn/s", "KiB"]
COLUMNS += ["lost", "doubled", "cut", "told later", "load"]


def pinned(core):
    if core is None:
        return None
    cores = sorted(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {cores[core % len(cores)]})


def gevent_folder():
    folder = VAR / "gevent"
    if not (folder / "gevent").exists():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), "gevent==26.9.0"], check=True
        )
    return folder


def node_folder():
    folder, source = VAR / "fanout_node", Path(__file__).parent / "fanout_node"
    folder.mkdir(parents=True, exist_ok=True)
    changed = (
        not (folder / "package.json").exists()
        or (folder / "package.json").read_text() != (source / "package.json").read_text()
    )
    for name in ("package.json", "server.js"):
        shutil.copy(source / name, folder / name)
    if changed or not (folder / "node_modules").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    return folder


@contextlib.contextmanager
def server(name, *options, core=0):
    """One server on this core (None: wherever); yields (port, process)."""
    environment, folder = dict(os.environ), ROOT
    if name == "node":
        command, folder = ["node", "server.js"], node_folder()
    else:
        path, mode = name.split("-")
        module = "bench.fanout_app" if path == "product" else "bench.fanout_server"
        command = [sys.executable, "-W", "ignore", "-m", module, "--mode", mode, *options]
        command += ["--stock"] if path == "stock" else []
        if mode == "gevent":
            environment["PYTHONPATH"] = str(gevent_folder())
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, preexec_fn=pinned(core)
    )
    try:
        yield int(process.stdout.readline()), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Clients:
    """bench/fanout_clients.py on the second core."""

    def __init__(self, ports, count, product=False, core=1):
        options = ["--ports", ",".join(map(str, ports)), "--count", str(count), *(["--product"] if product else [])]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.fanout_clients", *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=pinned(core),
        )

    def ask(self, do, **how):
        self.process.stdin.write(json.dumps({"do": do, **how}) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the clients have ended")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def cpu_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process):
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0])


def measure(name, runs, seconds, reconnect=0.1, options=(), ports=None):
    """All runs with the same number of clients on one server; yields a row each."""
    count = runs[0][0]
    with server(name, *options) as (port, process):
        time.sleep(0.5)
        before = resident(process)
        with Clients([port], count, name.startswith("product")) as clients:
            joined = clients.ask("connect")
            time.sleep(1)
            weight = (resident(process) - before) / count
            seq = 0
            for _, rate in runs:
                steady, steady_cpu = phase(clients, port, process, seq, rate, seconds, 0)
                seq += int(rate * seconds)
                moving, moving_cpu = phase(clients, port, process, seq, rate, seconds, reconnect)
                seq += int(rate * seconds)
                yield {
                    "server": name,
                    "clients": count,
                    "rate/s": rate,
                    "p50": round(steady["p50"], 1),
                    "p99": round(steady["p99"], 1),
                    "cpu": round(steady_cpu, 1),
                    "p99 moving": round(moving["p99"], 1),
                    "cpu moving": round(moving_cpu, 1),
                    "conn/s": round(joined["per_second"]),
                    "KiB": round(weight, 1),
                    "lost": steady["lost"] + moving["lost"],
                    "doubled": steady["doubled"] + moving["doubled"],
                    "cut": steady["cut"] + moving["cut"],
                    "told later": moving["missed"],
                    "load": f"{steady['client_cpu']:.0%}",
                }


def phase(clients, port, process, base, rate, seconds, reconnect):
    """What the clients found while so many events came, and the server's CPU per delivered message in µs."""
    clients.ask("listen", base=base, until=base + int(rate * seconds), seconds=seconds, reconnect=reconnect)
    used = cpu_seconds(process)
    start(port, rate, seconds)
    found = clients.answer()
    return found, (cpu_seconds(process) - used) / max(1, found["delivered"]) * 1e6


def start(port, rate, seconds):
    urllib.request.urlopen(
        f"http://127.0.0.1:{port}/start?room=match:1&rate={rate}&seconds={seconds}", timeout=10
    ).read()


def say(row):
    print(
        "  ".join(f"{str(row.get(column, column)):<{17 if column == 'server' else 10}}" for column in COLUMNS),
        flush=True,
    )


def verdict(rows):
    """The must and the aim of the issue, for the product's default."""
    by = {(row["server"], row["clients"], row["rate/s"]): row for row in rows}
    asked = ((5000, 1), (1000, 10), (1000, 1))
    for row in (row for key, row in by.items() if key[0] in ("product-eventlet", "ours-eventlet") and key[1:] in asked):
        what = f"{row['server']} {row['clients']} x {row['rate/s']}/s"
        good = max(row["p99"], row["p99 moving"]) <= 200 and not row["lost"] and not row["doubled"] and row["KiB"] <= 60
        print(f"must, {what}: p99 ≤ 200 ms, 0 lost, 0 doubled, ≤ 60 KiB: {'yes' if good else 'NO'}")
        node = by.get(("node", row["clients"], row["rate/s"]))
        if node:
            p99, cpu = row["p99"] / node["p99"], row["cpu"] / node["cpu"]
            print(
                f"aim, {what}: within 1.3 of Node: p99 x {p99:.2f}, cpu x {cpu:.2f}: "
                f"{'yes' if p99 <= 1.3 and cpu <= 1.3 else 'no'}"
            )


@contextlib.contextmanager
def redis_server():
    folder = VAR / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    path = f"/tmp/cricverse-bench-{os.getpid()}.sock"
    process = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        while not os.path.exists(path):
            time.sleep(0.05)
        yield f"unix://{path}"
    finally:
        process.terminate()
        process.wait()


def two_processes(count, rate, seconds):
    """Half of the clients on each of two servers that share a Redis; one of them emits.

    Every client gets everything once.
    """
    with (
        redis_server() as url,
        server("ours-eventlet", "--redis", url) as (one, _),
        server("ours-eventlet", "--redis", url) as (two, _),
    ):
        with Clients([one, two], count) as clients:
            clients.ask("connect")
            clients.ask("listen", base=0, until=int(rate * seconds), seconds=seconds, reconnect=0)
            start(one, rate, seconds)
            found = clients.answer()
    wanted = count * int(rate * seconds)
    print(
        f"two processes with Redis, {count} clients x {rate}/s: {found['delivered']} of {wanted} delivered, "
        f"{found['lost']} lost, {found['doubled']} doubled, p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms"
    )
    return found["delivered"] == wanted and not found["lost"] and not found["doubled"]


def holds(pairs=3, seconds=10, sockets=1000):
    """The p99 of four-seat holds, without sockets and while so many get an event a second; the median of alternating
    pairs.
    """
    from bench.holds import our_holds

    found = {0: [], sockets: []}
    # Nothing is synced to the disk, whose stalls would hide the sockets' share.
    with stage.database(durable=False) as url:
        os.environ["BENCH_DATABASE_URL"] = url
        _, event, first = stage.build_ground(url, 60000)
        tokens = stage.build_buyers(url, 5000)
        # The database and the buyers need a core as well, so nothing is pinned here.
        with server("product-eventlet", core=None) as (port, _):
            step = our_holds(f"http://127.0.0.1:{port}", event, first, tokens)
            paced(port, step, 5, first=0)  # warm
            for turn in range(pairs):
                for count in found:
                    with contextlib.ExitStack() as stack:
                        if count:
                            clients = stack.enter_context(Clients([port], count, product=True, core=None))
                            clients.ask("connect")
                            time.sleep(7)  # the numbers of people watching are told, the connections noted
                            start(port, 1, seconds + 1)
                        times = paced(port, step, seconds, first=(2 * turn + bool(count) + 1) * 2000)
                    found[count].append(times[int(len(times) * 0.99)])
                    print(
                        f"holds with {count} sockets: {len(times)}, p50 {times[len(times) // 2]:.1f} ms, p99 "
                        f"{found[count][-1]:.1f} ms",
                        flush=True,
                    )
                    time.sleep(2)
    ratio = stage.median(found[sockets]) / stage.median(found[0])
    print(f"a hold's p99 with {sockets} sockets over without: x {ratio:.2f} (≤ 2: {'yes' if ratio <= 2 else 'NO'})")
    return ratio <= 2


def paced(port, step, seconds, first, threads=4, rate=10):
    """Sorted milliseconds of holds by so many buyers at once, each at an even pace."""
    times, began = [], time.monotonic()

    def work(me):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for n in range(int(seconds * rate)):
            wait = began + (n + me / threads) / rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            at = time.monotonic()
            step(connection, first + n * threads + me)
            times.append((time.monotonic() - at) * 1000)
        connection.close()

    workers = [threading.Thread(target=work, args=(me,)) for me in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sorted(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", nargs="*", default=SERVERS, choices=SERVERS)
    parser.add_argument("--runs", nargs="*", default=RUNS, help="CLIENTSxRATE")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--reconnect", type=float, default=0.1)
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--holds", action="store_true")
    asked = parser.parse_args()
    if asked.holds:
        sys.exit(0 if holds() else 1)
    if asked.redis:
        sys.exit(0 if two_processes(1000, 5, 10) else 1)
    runs = [
        (int(clients), float(rate) if "." in rate else int(rate))
        for clients, rate in (run.split("x") for run in asked.runs)
    ]
    with contextlib.ExitStack() as stack:
        if any(name.startswith("product") for name in asked.servers):
            os.environ["BENCH_DATABASE_URL"] = url = stack.enter_context(stage.database())
            stage.build_ground(url, 1000)
        table(asked, runs)


def table(asked, runs):
    rows = []
    say({})
    for count in sorted({clients for clients, _ in runs}):
        for name in asked.servers:
            if name.endswith("threading") and count > THREADING_MOST:
                print(f"{name:<17}  {count:<10}  left out: a thread or more per client")
                continue
            for row in measure(name, [run for run in runs if run[0] == count], asked.seconds, asked.reconnect):
                rows.append(row)
                say(row)
    verdict(rows)


if __name__ == "__main__":
    main()
