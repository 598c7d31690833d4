"""Several web processes with a Redis between them: every message once to everybody, and nothing lost for good when one
of them dies.
"""

import time
import urllib.request
from contextlib import ExitStack

import pytest

from tests.support.live_house import MODES, Publisher, Redis, Web, free_port, make_house, together, until

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def house(home, settings):
    return make_house(home, settings, "live_processes")


@pytest.fixture
def redis():
    server = Redis()
    yield server
    server.kill()


@pytest.fixture(params=MODES)
def pair(house, redis, request):
    """Two web processes on one port."""
    port = free_port()
    with ExitStack() as ends:
        both = [Web(house, request.param, port=port, redis_url=redis.url) for _ in range(2)]
        for web in both:
            ends.callback(web.end)
        for web in both:
            until(lambda web=web: b"live_serving" in web.said().encode(), 60, "the web process")
        yield both


@pytest.fixture
def publish(house, redis):
    publisher = Publisher(house, redis.url)
    yield publisher
    publisher.end()


def crowd(pair, count, **options):
    """So many clients, some on each process."""
    clients = [pair[0].client(**options) for _ in range(count)]
    together([client.connect for client in clients])
    return clients


def numbers(client):
    return [message["seq"] for message in client.all("match_update")]


def test_every_message_once_to_everybody_and_what_dies_is_survived(house, pair, redis, publish):
    match = house.more_matches(1)[0]
    clients = crowd(pair, 16, reconnection=True)
    together([lambda c=c: c.join("match", match) for c in clients])
    figures = until(lambda: both_known(pair[0], house))
    assert all(f["connections"] for f in figures["processes"].values()), "one process got everybody"
    for seq in range(1, 21):
        publish("publish_match_update", match, seq, "delivery", {"n": seq})
    for client in clients:
        client.wait_for("match_update", lambda m: m["seq"] == 20)
    assert [numbers(c) for c in clients] == [list(range(1, 21))] * 16
    assert until(lambda: figures_of(pair[0], house)["all"]["watched"].get(f"match:{match}") == 16)
    clients[0].wait_for("subscription_status", lambda status: status.get("watching") == 16)
    assert until(lambda: figures_of(pair[0], house)["all"]["lag_ms"] is not None)

    redis_dies_and_comes_back(house, pair, redis, publish, match, clients)
    a_process_dies(house, pair, publish, match, clients)


def redis_dies_and_comes_back(house, pair, redis, publish, match, clients):
    redis.kill()
    began = time.monotonic()
    publish("publish_match_update", match, 21, "delivery", {})
    assert time.monotonic() - began < 10, "publishing waited for a dead Redis"
    house.rows("insert into match_snapshot (match_id, seq, summary, board) values (:m, 21, '{}', '{}')", m=match)
    with urllib.request.urlopen(f"{pair[0].url}/readyz", timeout=20) as answer:
        assert answer.status == 200 and b'"queue":"away"' in answer.read().replace(b" ", b"")
    redis.start()
    # The lost one is made good by its number; the next arrives by itself.
    together([lambda c=c: c.wait_for("subscription_status", lambda s: s.get("seq") == 21) for c in clients])
    until(
        lambda: b'"queue":"ok"' in urllib.request.urlopen(f"{pair[0].url}/readyz", timeout=20).read().replace(b" ", b"")
    )
    publish("publish_match_update", match, 22, "delivery", {})
    for client in clients:
        client.wait_for("match_update", lambda m: m["seq"] == 22)


def a_process_dies(house, pair, publish, match, clients):
    before = sum(client.ends for client in clients)
    pair[0].kill()
    until(lambda: all(client.sio.connected for client in clients) and sum(client.ends for client in clients) > before)
    lost = [client for client in clients if client.ends]
    assert 0 < len(lost) < len(clients), "nobody, or everybody, was on the process that died"
    together([lambda c=c: c.join("match", match, seq=22) for c in lost])
    publish("publish_match_update", match, 23, "delivery", {})
    for client in clients:
        client.wait_for("match_update", lambda m: m["seq"] == 23)
        assert numbers(client).count(23) == 1


def figures_of(web, house):
    return web.get("/api/realtime-stats", house.sign_in("omar"))


def both_known(web, house):
    figures = figures_of(web, house)
    return figures if len(figures["processes"]) == 2 and figures["all"]["connections"] == 16 else None
