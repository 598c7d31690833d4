"""Bodies by version: made once, shared through Redis where it answers, and made here where it does not."""

from dataclasses import dataclass

import pytest

from caches import responses as module
from caches.responses import Bodies
from tests.support.live_house import Redis


@dataclass
class Settings:
    redis_url: str = ""


def store(redis_url=""):
    bodies = Bodies()
    bodies.init_app(Settings(redis_url))
    return bodies


class Builder:
    def __init__(self):
        self.built = 0

    def __call__(self):
        self.built += 1
        return f"body {self.built}".encode()


def test_a_body_is_made_once_for_its_key():
    bodies, build = store(), Builder()
    assert [bodies.cached("a:1", build) for _ in range(3)] == [b"body 1"] * 3
    assert bodies.cached("a:2", build) == b"body 2"


def test_a_body_that_is_over_is_made_anew():
    bodies, build = store(), Builder()
    assert bodies.cached("a:1", build, seconds=0) == b"body 1"
    assert bodies.cached("a:1", build, seconds=60) == b"body 2"


def test_the_store_stays_small(monkeypatch):
    monkeypatch.setattr(module, "LARGEST_STORE", 100)
    bodies = store()
    for n in range(50):
        bodies.cached(f"a:{n}", lambda: b"x" * 30)
    assert bodies._kept.currsize <= 100 and len(bodies._kept) == 3


def test_a_redis_that_does_not_answer_is_left_alone():
    bodies, build = store("redis://127.0.0.1:1/0"), Builder()
    assert bodies.cached("a:1", build) == b"body 1"
    assert bodies._rest_until > 0 and bodies.cached("a:2", build) == b"body 2"


@pytest.fixture
def redis():
    server = Redis()
    yield server
    server.kill()


def test_two_processes_make_a_body_once(redis):
    build = Builder()
    assert store(redis.url).cached("a:1", build) == store(redis.url).cached("a:1", build) == b"body 1"
