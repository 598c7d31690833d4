"""A bare python-socketio server for the fan-out measurements and tests, with or without our fast path.

  python -m bench.fanout_server --mode eventlet|gevent|threading [--stock] [--redis URL]

Prints its port as the first line. Clients send `join {room, after}` and get `joined {seq}` and `missed [seq, …]`, as
those of the product fetch what they missed. POST /start?rate=&seconds=&room= emits stamped events; POST /emit emits
what its JSON body says, one event or a list of them without a pause.
"""

import argparse
import sys
import warnings

parser = argparse.ArgumentParser()
parser.add_argument("--mode", choices=["eventlet", "gevent", "threading"], default="eventlet")
parser.add_argument("--stock", action="store_true")
parser.add_argument("--redis")
parser.add_argument("--ping-interval", type=float, default=25)
parser.add_argument("--ping-timeout", type=float, default=20)
asked = parser.parse_args()

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
if asked.mode == "eventlet":
    import eventlet

    eventlet.monkey_patch()
elif asked.mode == "gevent":
    from gevent import monkey

    monkey.patch_all()

import base64  # noqa: E402
import json  # noqa: E402
import resource  # noqa: E402
import socket  # noqa: E402
import time  # noqa: E402
import urllib.parse  # noqa: E402

import socketio  # noqa: E402

from live import fanout  # noqa: E402

_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

manager = socketio.RedisManager(asked.redis) if asked.redis else None
server = socketio.Server(
    async_mode=asked.mode,
    client_manager=manager,
    transports=["websocket"],
    cors_allowed_origins=[],
    max_http_buffer_size=16384,
    ping_interval=asked.ping_interval,
    ping_timeout=asked.ping_timeout,
    namespaces="*",
)
if not asked.stock and not fanout.install(server):
    sys.exit("The fast path cannot be installed in this mode.")
now_at = {"seq": 0}
answers = []


def join(namespace):
    def handle(sid, data):
        server.enter_room(sid, data["room"], namespace=namespace)
        missed = list(range(data.get("after", 0) + 1, now_at["seq"] + 1)) if "after" in data else []
        server.emit("joined", {"seq": now_at["seq"]}, to=sid, namespace=namespace)
        if missed:
            server.emit("missed", missed, to=sid, namespace=namespace)

    return handle


for name in ("/", "/staff"):
    server.on("join", join(name), namespace=name)


def publish(room, rate, seconds):
    began = time.monotonic()
    for n in range(int(rate * seconds)):
        wait = began + n / rate - time.monotonic()
        if wait > 0:
            server.sleep(wait)
        now_at["seq"] += 1
        server.emit("match_update", {"seq": now_at["seq"], "t": time.monotonic_ns(), "pad": "x" * 230}, to=room)


def emit(event, data=None, room=None, namespace="/", skip=None, times=1, **how):
    """Emit what a test asks for: `bytes` base64, `several` arguments, `ack`, `numbered` repetitions."""
    if "bytes" in how:
        data = [data, base64.b64decode(how["bytes"])]
    if how.get("several"):
        data = tuple(data)
    callback = (lambda *given: answers.append(given)) if how.get("ack") else None
    for n in range(times):
        stamped = {**data, "n": n} if how.get("numbered") else data
        server.emit(event, stamped, to=room, namespace=namespace, skip_sid=skip, callback=callback)


def control(environ, start_response):
    path, query = environ["PATH_INFO"], dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
    answer = {}
    if path == "/start":
        server.start_background_task(publish, query["room"], float(query["rate"]), float(query["seconds"]))
    elif path == "/emit":
        body = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        for one in body if isinstance(body, list) else [body]:
            emit(**one)
    elif path == "/state":
        connections = list(server.eio.sockets.values())
        answer = {
            "connections": len(connections),
            "waiting": max((getattr(connection, "waiting", 0) for connection in connections), default=0),
            "answers": answers,
            "rooms": sorted(map(str, list(server.manager.rooms.get("/", {})))),
        }
    content = json.dumps(answer).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


def main():
    app = socketio.WSGIApp(server, control)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited by what is accepted
    listener.bind(("127.0.0.1", 0))
    listener.listen(4096)
    print(listener.getsockname()[1], flush=True)
    if asked.mode == "eventlet":
        import eventlet.wsgi

        eventlet.wsgi.server(listener, app, max_size=10_000, log_output=False)
    elif asked.mode == "gevent":
        from gevent import pywsgi

        pywsgi.WSGIServer(listener, app, log=None, error_log=None).serve_forever()
    else:
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def log(self, *_):
                pass

        make_server(
            "127.0.0.1", listener.getsockname()[1], app, threaded=True, request_handler=Quiet, fd=listener.fileno()
        ).serve_forever()


if __name__ == "__main__":
    main()
