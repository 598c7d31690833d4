"""The live layer in one web process, in each mode that it can run in, with real clients."""

import pytest

import realtime
from tests.live_house import MODES, Publisher, Web, make_house, until

ROOT = realtime.__file__.rpartition("/")[0]


@pytest.fixture(scope="module")
def house(home, settings):
    return make_house(home, settings, "live")


@pytest.fixture(scope="module", params=MODES)
def web(house, request):
    web = Web(house, request.param, SOCKETS_PER_ADDRESS="12", SOCKETS_PER_PERSON="2").ready()
    yield web
    web.end()


@pytest.fixture(scope="module")
def publish(house):
    publisher = Publisher(house)
    yield publisher
    publisher.end()


@pytest.fixture
def client(web):
    made = []

    def connect(token=None):
        made.append(web.client(token).connect())
        return made[-1]

    yield connect
    for one in made:
        one.end()
    until(lambda: not any(c.sio.connected for c in made))


def test_a_message_of_another_process_reaches_the_room_and_no_other(house, client, publish):
    match = house.ground.match
    fan, other = client(), client()
    assert fan.join("match", match)["ok"] is True
    assert other.join("event", house.ground.event)["ok"] is True
    publish("publish_match_update", match, 1, "delivery", [[["now"], "1-0"]], {"score": "1-0"})
    said = fan.wait_for("match_update")
    assert said == {
        "match_id": match,
        "seq": 1,
        "kind": "delivery",
        "patch": [[["now"], "1-0"]],
        "replay": False,
        "summary": {"score": "1-0"},
    }
    publish("publish_seats_changed", house.ground.event, 7, [5, 6], "held")
    assert other.wait_for("seats_changed")["seats"] == [[5, "held"], [6, "held"]]
    assert not other.all("match_update") and not fan.all("seats_changed")
