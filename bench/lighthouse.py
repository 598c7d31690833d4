"""Lighthouse on the pages that a fan meets first, as a phone sees them: home, a match, a ground.

  python -m bench.lighthouse [--runs 3] [--url http://127.0.0.1:5000] [--chromium /usr/bin/chromium] [--page /fixtures
  …] [--why]

Prints performance, accessibility, best practices and SEO of each page on Lighthouse's mobile profile (its slow line and
slow processor, simulated), each the median of the runs, and the figures behind the first; 95 is asked of all four.
Without --url the product is started with its demo season and the sandbox in a temporary folder, on ports of its own.
Lighthouse comes from npm, once, into ~/.cache (XDG_CACHE_HOME). Exit status 1 below 95.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
VERSION = "13.5.0"
KINDS = {"performance": "Perf.", "accessibility": "Acc.", "best-practices": "Best", "seo": "SEO"}
FIGURES = {
    "first-contentful-paint": ("first paint", "s"),
    "largest-contentful-paint": ("largest", "s"),
    "total-blocking-time": ("blocked", "ms"),
    "cumulative-layout-shift": ("shift", ""),
    "speed-index": ("speed index", "s"),
    "total-byte-weight": ("sent", "kB"),
}
ASKED = 95
START_SECONDS = 180


def program():
    """Lighthouse's command, installed on first use."""
    folder = (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cricverse-bench" / f"lighthouse-{VERSION}"
    )
    command = folder / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not command.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        environment = {**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"}
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--ignore-scripts", f"lighthouse@{VERSION}"]
        subprocess.run(install, cwd=folder, env=environment, check=True)
    return command


@contextlib.contextmanager
def demo():
    """The product with its demo season, in a folder and on ports of its own; yields its address."""
    home = Path(tempfile.mkdtemp(prefix="cricverse-bench-", dir="/var/tmp"))
    home.chmod(0o755)
    port, sandbox_port = free_ports(2)
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    }
    environment = {
        **kept,
        "CRICVERSE_ENV": "development",
        "CRICVERSE_ENV_FILE": os.devnull,
        "CRICVERSE_HOME": str(home),
    }
    environment |= {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port), "LOG_LEVEL": "WARNING"}
    with open(home / "log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/readyz", process, home / "log")
        yield url
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        time.sleep(2)  # the keeper stops the server when nobody holds it
        shutil.rmtree(home, ignore_errors=True)


def free_ports(count):
    """Ports below those that clients get."""
    found = []
    for port in range(20000 + os.getpid() % 5000, 32000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise SystemExit("No port is free.")


def wait_for(address, process, log):
    for _ in range(START_SECONDS * 2):
        if process.poll() is not None:
            raise SystemExit(f"The product ended:\n{log.read_text()[-2000:]}")
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.5)
    raise SystemExit(f"{address} did not answer within {START_SECONDS} s.")


def pages(url):
    """{name: path}: home, the first match with seats on sale, and the largest ground, as the site itself shows them."""
    ask = lambda path: urllib.request.urlopen(url + path, timeout=60).read().decode()  # noqa: E731
    matches = re.findall(r"/matches/\d+", ask("/fixtures"))
    match = next(
        (path for path in dict.fromkeys(matches) if "AggregateOffer" in ask(path)), matches[0] if matches else None
    )
    grounds = {path: ask(path) for path in dict.fromkeys(re.findall(r"/grounds/[a-z0-9-]+", ask("/sitemap.xml")))}
    seats = {
        path: int(found[1]) if (found := re.search(r'"maximumAttendeeCapacity":(\d+)', page)) else 0
        for path, page in grounds.items()
    }
    return {"home": "/", "match": match, "ground": max(seats, key=seats.get)}


def run(command, address, chromium):
    """One run: Lighthouse's report as a dict."""
    flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"
    line = [
        "node",
        str(command),
        address,
        "--output=json",
        "--output-path=stdout",
        "--quiet",
        f"--chrome-flags={flags}",
    ]
    line += [f"--only-categories={','.join(KINDS)}"]
    done = subprocess.run(
        line, capture_output=True, text=True, env={**os.environ, "CHROME_PATH": chromium}, timeout=300
    )
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"Lighthouse failed on {address}:\n{done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    if report.get("runtimeError"):
        raise SystemExit(f"Lighthouse failed on {address}: {report['runtimeError']['message']}")
    return report


def scores(reports):
    return {kind: round(100 * median(report["categories"][kind]["score"] or 0 for report in reports)) for kind in KINDS}


def figures(reports):
    shown = []
    for audit, (words, unit) in FIGURES.items():
        value = median(report["audits"][audit].get("numericValue") or 0 for report in reports)
        value = value / 1000 if unit in ("s", "kB") else value
        shown.append(
            f"{words} {value:.3f}" if not unit else f"{words} {value:.{0 if unit in ('ms', 'kB') else 2}f} {unit}"
        )
    return ", ".join(shown)


def short_of(report):
    """The audits that cost points, worst first, with what they found."""
    found = []
    for kind, category in report["categories"].items():
        for part in category["auditRefs"]:
            audit = report["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 0.95:
                items = (audit.get("details") or {}).get("items") or []
                where = "; ".join(
                    str((item.get("node") or {}).get("snippet") or item.get("url") or item.get("description") or "")[
                        :120
                    ]
                    for item in items[:3]
                )
                found.append(
                    (
                        audit["score"],
                        f"  {kind}: {audit['title']} ({audit.get('displayValue') or audit['score']}) {where}",
                    )
                )
    return [words for _, words in sorted(found)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--url", help="a product that runs already")
    parser.add_argument(
        "--page",
        action="append",
        default=[],
        help="a path to look at instead of home, match and ground; may be repeated",
    )
    parser.add_argument("--chromium", default=shutil.which("chromium") or "/usr/bin/chromium")
    parser.add_argument("--why", action="store_true", help="also what cost points, from the last run")
    options = parser.parse_args()
    command = program()
    with contextlib.nullcontext(options.url.rstrip("/")) if options.url else demo() as url:
        chosen = {path: path for path in options.page} or pages(url)
        print(
            f"Lighthouse {VERSION}, mobile, median of {options.runs}; {os.cpu_count()} cores, load "
            f"{os.getloadavg()[0]:.1f}"
        )
        print(f"{'':10}" + "".join(f"{words:>7}" for words in KINDS.values()))
        least = 100
        for name, path in chosen.items():
            reports = [run(command, url + path, options.chromium) for _ in range(options.runs)]
            found = scores(reports)
            least = min(least, *found.values())
            print(
                f"{name:10}" + "".join(f"{found[kind]:>7}" for kind in KINDS) + f"   {path}: {figures(reports)}",
                flush=True,
            )
            if options.why:
                print("\n".join(short_of(reports[-1])))
    print(f"lowest {least}, asked {ASKED}")
    return 0 if least >= ASKED else 1


if __name__ == "__main__":
    sys.exit(main())
