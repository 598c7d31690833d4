"""`python -m sandbox`: serve one sandbox on the loopback interface."""

import argparse
import importlib
import logging
import os
import stat
import sys
import threading
import time
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox import RefusedInProduction, create_sandbox


class Handler(WSGIRequestHandler):
    """Keep-alive connections without the forty milliseconds that small writes cost under Nagle's algorithm."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def finish(self):
        """Close quietly where a fault switch has already shut the socket."""
        try:
            super().finish()
        except OSError:
            pass

    def log_request(self, *args):
        """Silent: the lists under /_sandbox/ tell more than access lines."""


def main(arguments=None):
    """Parse the command line and serve until told to stop."""
    options = _options(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s sandbox %(levelname)s %(message)s")
    try:
        app = create_sandbox(
            options.environment,
            options.webhook_url,
            options.webhook_secret,
            options.webhook_tries,
            options.merchant_origin,
            options.methods.split(","),
        )
    except RefusedInProduction as refusal:
        print(refusal, file=sys.stderr)
        return 2
    tls = (options.tls_certificate, options.tls_key) if options.tls_certificate else None
    server = make_server(options.host, options.port, app, threaded=True, request_handler=Handler, ssl_context=tls)
    server.daemon_threads = True
    if options.with_parent:
        _end_with_parent()
    # The SDK's types take a quarter of a second to load; the first request should not wait for them.
    threading.Thread(target=importlib.import_module, args=("stripe.params",), daemon=True).start()
    address = f"{'https' if tls else 'http'}://{options.host}:{server.server_port}"
    print(f"sandbox listening on {address}", flush=True)
    if options.print_port_to:
        _write_whole(Path(options.print_port_to), f"{server.server_port}\n")
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        pass
    return 0


def _options(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="Stand-in Stripe and SendGrid for laptops and tests."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--environment", default="development", help="production is refused")
    parser.add_argument("--webhook-url", help="where events go; may be set later with PUT /_sandbox/webhook")
    parser.add_argument("--webhook-secret", default="whsec_sandbox")
    parser.add_argument("--webhook-tries", type=int, default=12)
    parser.add_argument(
        "--merchant-origin",
        action="append",
        default=[],
        help="an origin beside this machine whose pages may embed the card form",
    )
    parser.add_argument("--methods", default="card", help="payment methods that the account has switched on")
    parser.add_argument("--tls-certificate", help="serve https with this certificate file")
    parser.add_argument("--tls-key")
    parser.add_argument("--print-port-to", help="a file that receives the port once it is bound")
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the parent process ends or closes the pipe on stdin"
    )
    return parser.parse_args(arguments)


def _write_whole(path, text):
    """Written aside and renamed, so that a reader never sees half a port."""
    aside = path.with_name(path.name + ".new")
    aside.write_text(text)
    aside.replace(path)


def _end_with_parent():
    parent = os.getppid()

    def watch_parent():
        while os.getppid() == parent:
            time.sleep(0.3)
        os._exit(0)

    def watch_stdin():
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch_parent, daemon=True).start()
    try:
        piped = stat.S_ISFIFO(os.fstat(0).st_mode) or stat.S_ISSOCK(os.fstat(0).st_mode)
    except OSError:
        piped = False
    # A terminal or /dev/null says nothing about the parent; only a pipe that it holds does.
    if piped:
        threading.Thread(target=watch_stdin, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
