"""CricVerse itself with its sockets, for bench/fanout.py: `python -m bench.fanout_app --mode eventlet|threading
[--stock]`.

Prints its port. POST /start publishes stamped match updates through realtime.publish_match_update, as a recorded ball
does. The database (BENCH_DATABASE_URL, from bench/stage.py) holds match 1.
"""

import argparse
import sys
import warnings

parser = argparse.ArgumentParser()
parser.add_argument("--mode", choices=["eventlet", "threading"], default="eventlet")
parser.add_argument("--stock", action="store_true")
asked = parser.parse_args()

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
if asked.mode == "eventlet":
    import eventlet

    eventlet.monkey_patch()

import itertools  # noqa: E402
import os  # noqa: E402
import resource  # noqa: E402
import socket  # noqa: E402
import time  # noqa: E402
import urllib.parse  # noqa: E402

import realtime  # noqa: E402
from app import create_app  # noqa: E402
from bench import stage  # noqa: E402
from config import load_settings  # noqa: E402

_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
seqs = itertools.count(1)


def publish(app, rate, seconds):
    began = time.monotonic()
    with app.app_context():
        for n in range(int(rate * seconds)):
            wait = began + n / rate - time.monotonic()
            if wait > 0:
                realtime.socketio.sleep(wait)
            realtime.publish_match_update(1, next(seqs), "delivery", {"t": time.monotonic_ns(), "x": "x" * 183})


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(4096)
    port = listener.getsockname()[1]
    app = create_app(
        load_settings(
            {
                "CRICVERSE_ENV": "testing",
                "CRICVERSE_HOME": os.environ["CRICVERSE_HOME"],
                "DATABASE_URL": os.environ["BENCH_DATABASE_URL"],
                "APP_DATABASE_PASSWORD": stage.PASSWORD,
                "LOG_LEVEL": "ERROR",
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
                "ASYNC_MODE": asked.mode,
                "FANOUT": "stock" if asked.stock else "fast",
                "SOCKETS_PER_ADDRESS": "100000",
            }
        )
    )
    product = app.wsgi_app

    def control(environ, start_response):
        if environ["PATH_INFO"] != "/start":
            return product(environ, start_response)
        query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
        realtime.socketio.start_background_task(publish, app, float(query["rate"]), float(query["seconds"]))
        start_response("200 OK", [("Content-Length", "0")])
        return []

    app.wsgi_app = control
    realtime.start(app)
    print(port, flush=True)
    if asked.mode == "eventlet":
        import eventlet.wsgi

        eventlet.wsgi.server(listener, app, max_size=10_000, log_output=False, debug=False)
    else:
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def log(self, *_):
                pass

        make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet, fd=listener.fileno()).serve_forever()


if __name__ == "__main__":
    sys.exit(main())
