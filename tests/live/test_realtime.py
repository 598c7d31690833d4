"""The live layer in one web process, in each mode that it can run in, with real clients; and its browser's half in
Node.
"""

import hashlib
import http.client
import json
import re
import shutil
import subprocess
import urllib.error
from pathlib import Path

import pytest
import socketio
import websocket

import realtime
from live.queue import NOTIFY_BYTES, wrapped
from tests.support.live_house import MODES, NOT_MESSAGES, Publisher, Web, heard, is_cut, make_house, raw, until

ROOT = Path(__file__).resolve().parents[2]
# The test's own client library leaves sockets to the garbage collector when it is refused or cut off.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def house(home, settings):
    return make_house(home, settings, "live")


@pytest.fixture(scope="module", params=MODES)
def web(house, request):
    # Websockets live longer than any request may take.
    limits = {"SOCKETS_PER_ADDRESS": "8", "SOCKETS_PER_PERSON": "2", "REQUEST_SECONDS": "3"}
    web = Web(house, request.param, **limits).ready()
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


# --- messages -------------------------------------------------------------------------------------------------------


def test_a_message_of_another_process_reaches_the_room_and_no_other(house, client, publish):
    match = house.ground.match
    fan, other = client(), client()
    assert fan.wait_for("connection_status") == {"state": "connected", "signed_in": False}
    assert fan.join("match", match)["ok"] is True
    assert other.join("event", house.ground.event)["ok"] is True
    publish("publish_match_update", match, 1, "delivery", {"score": "1/0"})
    said = fan.wait_for("match_update")
    assert said == {
        "match_id": match,
        "seq": 1,
        "kind": "delivery",
        "patch": {"score": "1/0"},
        "replay": False,
    }
    publish("publish_seats_changed", house.ground.event, 7, [5, 6], "held")
    assert other.wait_for("seats_changed")["seats"] == [[5, "held"], [6, "held"]]
    assert not other.all("match_update") and not fan.all("seats_changed")
    fan.sio.emit("leave_match", {"match_id": match})
    fan.join("stadium", house.ground.stadium)  # answered after the leaving was done
    publish("publish_match_update", match, 2, "delivery", {})
    publish("publish_announcement", house.ground.stadium, "Gates open at six.")
    assert fan.wait_for("announcement")["text"] == "Gates open at six."
    assert [m["seq"] for m in fan.all("match_update")] == [1]


def test_a_message_too_large_for_notify_travels_as_a_hint(house, client, publish):
    fan = client()
    fan.join("match", house.ground.match)
    publish("publish_match_update", house.ground.match, 3, "delivery", {"x": "y" * 9000})
    said = fan.wait_for("match_update")
    assert said == {"match_id": house.ground.match, "seq": 3, "kind": "delivery", "patch": None, "replay": False}


def test_a_hint_is_never_too_large():
    payload = {
        "match_id": 1,
        "seq": 2,
        "kind": "delivery",
        "patch": {"x": "\N{SNOWMAN}" * 9000},
    }
    assert len(wrapped("match_update", payload, "match:1").encode()) < NOTIFY_BYTES
    seats = {"event_id": 1, "version": 2, "seats": [[n, "held"] for n in range(2000)]}
    assert json.loads(wrapped("seats_changed", seats, "event:1"))[1] == {"event_id": 1, "version": 2, "seats": None}


def test_a_listener_that_was_cut_off_comes_back_and_pages_look_again(house, client, publish):
    fan = client()
    fan.join("event", house.ground.event)
    assert house.rows.value(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity "
        "where datname = 'live' and application_name = 'cricverse live'"
    )
    fan.wait_for("subscription_status", lambda status: status.get("reset"))
    publish(
        "publish_seats_changed", house.ground.event, 8, [5], "free"
    )  # the first finds our own connection cut as well
    until(lambda: publish("publish_seats_changed", house.ground.event, 9, [5], "free") or fan.all("seats_changed"))


def test_a_lost_message_is_made_good_by_the_comparison_of_numbers(house, client):
    (match,) = house.more_matches(1)
    fan = client()
    assert fan.join("match", match)["seq"] == 0
    house.rows("insert into match_snapshot (match_id, seq, summary, board) values (:m, 12, '{}', '{}')", m=match)
    fan.wait_for("subscription_status", lambda status: status.get("seq") == 12)
    assert client().join("match", match)["seq"] == 12


def test_watching_is_counted_and_told_when_it_changes(house, client):
    match = house.ground.match
    first, second = client(), client()
    first.join("match", match)
    second.join("match", match)
    first.wait_for("subscription_status", lambda status: status.get("watching") == 2)
    before = len(first.told)
    second.end()
    until(lambda: any(p.get("watching") == 1 for e, p in first.told[before:] if e == "subscription_status"))


def test_what_is_left_in_each_stand_is_told_after_seats_have_changed(house, client, publish):
    ground = house.ground
    stand = house.rows.value("select stand_id from seat where id = :s", s=ground.seats["A1"])
    fan = client()
    fan.join("stadium", ground.stadium)
    booking = house.rows.value(
        """insert into booking (reference, customer_id, stadium_id, event_id, currency, state, face, fee, tax, total,
                                held_at, expires_at)
           values ('LIVE', :c, :s, :e, 'AUD', 'held', 0, 0, 0, 0, now(), now() + interval '10 minutes') returning id""",
        c=house.ids["asha"],
        s=ground.stadium,
        e=ground.event,
    )
    house.rows(
        "insert into seat_claim (event_id, seat_id, booking_id, state, expires_at) "
        "values (:e, :s, :b, 'held', now() + interval '10 minutes')",
        e=ground.event,
        s=ground.seats["A1"],
        b=booking,
    )
    publish("publish_seats_changed", ground.event, 20, [ground.seats["A1"]], "held")
    told = fan.wait_for("occupancy_update")
    assert {s["id"]: s["left"] for s in told["stands"]}[stand] == 15 and told["event_id"] == ground.event
    house.rows("delete from seat_claim")
    house.rows("delete from booking")


# --- who may ----------------------------------------------------------------------------------------------------------


def test_only_our_own_pages_may_connect(web):
    for options in (
        {"origin": "https://evil.example"},
        {"suppress_origin": True},
        {"origin": "null"},
        {"origin": f"https://127.0.0.1:{web.port}"},
        {"origin": web.url, "header": ["Sec-Fetch-Site: cross-site"]},
    ):
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            raw(web, **options)
        assert (
            refused.value.status_code == 403
            and json.loads(refused.value.resp_body)["error"]["code"] == "FOREIGN_ORIGIN"
        )
    raw(web, origin=web.url, header=["Sec-Fetch-Site: same-origin"]).close()


def test_polling_is_not_spoken(web):
    import urllib.request

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(
            urllib.request.Request(f"{web.url}/socket.io/?EIO=4&transport=polling", headers={"Origin": web.url}),
            timeout=10,
        )
    assert refused.value.code == 400
    refused.value.close()


def test_the_staff_room_is_for_the_staff_of_that_ground(house, client, publish):
    ground = house.ground
    fan, omar, petra = client(house.sign_in("asha")), client(house.sign_in("omar")), client(house.sign_in("petra"))
    assert omar.join("stadium", ground.stadium, staff=True) == {
        "room": f"staff:{ground.stadium}",
        "ok": True,
        "version": 0,
    }
    for other in (fan, petra):
        assert other.join("stadium", ground.stadium, staff=True)["code"] == "NOT_ALLOWED"
        assert other.join("stadium", ground.stadium)["ok"] is True
    publish("publish_booking", ground.stadium, ground.event, 77, "paid", 2, 9600, "AUD")
    publish("publish_announcement", ground.stadium, "after it")
    told = omar.wait_for("booking_notification")
    assert told.pop("version") and told == {
        "stadium_id": ground.stadium,
        "event_id": ground.event,
        "booking_id": 77,
        "kind": "paid",
        "seats": 2,
        "amount": 9600,
        "currency": "AUD",
    }
    for other in (fan, petra):
        other.wait_for("announcement")
        assert not other.all("booking_notification")


OPENED_BY = {"owner": {"staff", "gates"}, "sales": {"staff"}, "gate": {"gates"}, "scorer": set()}


@pytest.mark.parametrize("role", OPENED_BY)
def test_a_dismissed_person_leaves_the_rooms_that_their_role_opened(house, client, publish, role):
    """They stay connected and see what is public; nothing of the ground's own reaches them, and they do not get in
    again.
    """
    ground, asha = house.ground, house.ids["asha"]
    closed = {f"{kind}:{ground.stadium}" for kind in ("staff", "gates")}
    opened = {f"{kind}:{ground.stadium}" for kind in OPENED_BY[role]}
    noted = "select coalesce((select rooms from websocket_connection where sid = :s), '{}') as rooms"
    house.rows("insert into staff_role values (:c, :s, :r, now())", c=asha, s=ground.stadium, r=role)
    try:
        person = client(house.sign_in("asha"))
        for room in sorted(closed):
            answer = person.join("stadium", ground.stadium, **{room.partition(":")[0]: True})
            assert answer["room"] == room and answer["ok"] is (room in opened)
        person.sio.emit("connect")  # a name of the server's own changes nothing of what it knows
        sid = person.sio.get_sid()
        until(lambda: closed & set(house.rows.value(noted, s=sid)) == opened)
    finally:
        house.rows("delete from staff_role where customer_id = :c", c=asha)
    until(lambda: f"stadium:{ground.stadium}" in (rooms := house.rows.value(noted, s=sid)) and not closed & set(rooms))
    publish("publish_booking", ground.stadium, ground.event, 78, "paid", 1, 4800, "AUD")
    publish("publish_gates", ground.stadium, ground.event)
    publish("publish_announcement", ground.stadium, "after it")
    person.wait_for("announcement")
    assert not person.all("booking_notification")
    assert not [told for told in person.all("occupancy_update") if told.get("gates")]
    for room in closed:
        assert person.join("stadium", ground.stadium, **{room.partition(":")[0]: True})["code"] == "NOT_ALLOWED"


def test_an_ended_session_is_cut(house, client):
    token = house.sign_in("asha")
    asha, again, other = client(token), client(token), client(house.sign_in("petra"))
    house.sign_out(token)
    for cut in (asha, again):
        until(lambda cut=cut: not cut.sio.connected)
        assert cut.all("error")[0]["code"] == "SESSION_ENDED"
    assert other.sio.connected
    assert client(token).wait_for("connection_status")["signed_in"] is False


def test_what_does_not_exist_or_is_a_draft_cannot_be_followed(house, client):
    fan, omar = client(), client(house.sign_in("omar"))
    for kind in ("match", "event", "stadium"):
        assert fan.join(kind, 999_999)["code"] == "NOT_ALLOWED"
    house.rows("update event set state = 'draft' where id = :e", e=house.ground.other_event)
    try:
        assert fan.join("event", house.ground.other_event)["code"] == "NOT_ALLOWED"
        assert omar.join("event", house.ground.other_event)["code"] == "NOT_ALLOWED"
        assert client(house.sign_in("petra")).join("event", house.ground.other_event)["ok"] is True
    finally:
        house.rows("update event set state = 'on_sale' where id = :e", e=house.ground.other_event)


@pytest.mark.parametrize(
    "odd",
    [None, [], "x", {"match_id": "1"}, {"match_id": True}, {"match_id": -1}, {"match_id": 2**40}, {"match_id": [1]}],
)
def test_odd_messages_are_refused_and_change_nothing(client, odd):
    fan = client()
    fan.sio.emit("join_match", odd)
    assert fan.wait_for("error")["code"] == "MALFORMED"
    fan.sio.emit("grant_me_everything", odd)
    fan.wait_for("error", lambda e: e["code"] == "UNKNOWN_MESSAGE")


def test_names_of_the_servers_own_are_no_messages(house, web):
    """Whatever an owner says, the server's record stays whole: the limit counts the socket, and the end of the session
    cuts it.
    """
    token = house.sign_in("omar")
    wires = [raw(web, cookie=f"cv_session={token}") for _ in range(2)]
    wires[0].send(f'42["join_stadium",{{"stadium_id":{house.ground.stadium},"staff":true}}]')
    heard(wires[0], f'"staff:{house.ground.stadium}","ok":true')
    for said in NOT_MESSAGES:
        wires[0].send(said)
        heard(wires[0], "UNKNOWN_MESSAGE")
    third = web.client(token)
    with pytest.raises(socketio.exceptions.ConnectionError):
        third.connect()
    assert third.refused["data"] == {"code": "TOO_MANY_CONNECTIONS"}
    third.end()
    house.sign_out(token)
    for wire in wires:
        heard(wire, "SESSION_ENDED")
        assert is_cut(wire)


def test_nothing_but_hello_comes_first_and_goodbye_is_the_end(web):
    for first in ('42["join_match",{"match_id":1}]', "41", "40/staff,", "43[]", "bAAEC"):
        wire = websocket.create_connection(
            f"ws://127.0.0.1:{web.port}/socket.io/?EIO=4&transport=websocket", timeout=20, origin=web.url
        )
        wire.recv()
        wire.send(first)
        assert is_cut(wire), first
    wire = raw(web)
    wire.send("41")
    assert is_cut(wire)


@pytest.mark.parametrize("said", ['42["connect"]', '42["nothing"]', "40", "43[]", '450-["disconnect"]'])
def test_what_is_no_message_counts_as_one(web, said):
    wire = raw(web)
    try:
        for _ in range(200):
            wire.send(said)
    except (OSError, websocket.WebSocketException):
        pass  # cut off in the middle
    assert is_cut(wire)


@pytest.mark.parametrize(
    "odd",
    [
        {"Connection": "keep-alive"},
        {"Upgrade": "h2c"},
        {"Sec-WebSocket-Version": "8"},
        {"Sec-WebSocket-Key": ""},
        {"query": "EIO=4&transport=websocket&sid=abc"},
        {"query": "EIO=4&transport=polling"},
        {"method": "POST"},
    ],
)
def test_half_an_upgrade_reaches_nothing(web, odd):
    headers = {
        "Origin": web.url,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    } | {name: value for name, value in odd.items() if name not in ("query", "method")}
    line = f"/socket.io/?{odd.get('query', 'EIO=4&transport=websocket')}"
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    connection.request(odd.get("method", "GET"), line, headers=headers)
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["error"]["code"]) == (400, "WEBSOCKET_ONLY")
    connection.close()


# --- limits -----------------------------------------------------------------------------------------------------------


def test_a_message_of_17_kb_ends_the_connection_and_one_of_15_does_not(web):
    wire = raw(web)
    wire.send("42" + json.dumps(["join_match", {"match_id": "x" * 15_000}]))
    assert "MALFORMED" in wire.recv()
    wire.send("42" + json.dumps(["join_match", {"match_id": "x" * 17_000}]))
    assert is_cut(wire)


def test_one_person_has_so_many_connections_and_no_more(house, client, web):
    token = house.sign_in("asha")
    two = [client(token), client(token)]
    third = web.client(token)
    with pytest.raises(socketio.exceptions.ConnectionError):
        third.connect()
    assert third.refused == {
        "message": "You have too many pages open at once.",
        "data": {"code": "TOO_MANY_CONNECTIONS"},
    }
    third.end()
    two[0].end()
    until(lambda: try_to(lambda: client(token)))


def try_to(function):
    try:
        return function()
    except socketio.exceptions.ConnectionError:
        return None


def test_one_address_has_so_many_connections_and_no_more(web):
    open_ones = []
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        for _ in range(9):
            open_ones.append(raw(web))
    assert (
        refused.value.status_code == 429
        and json.loads(refused.value.resp_body)["error"]["code"] == "TOO_MANY_CONNECTIONS"
    )
    for wire in open_ones:
        wire.close()
    again = until(lambda: try_raw(web))
    again.close()


def try_raw(web):
    try:
        return raw(web)
    except websocket.WebSocketBadStatusException:
        return None


def test_who_says_too_much_is_told_and_then_cut(web):
    wire = raw(web)
    for _ in range(60):
        wire.send('42["leave_match",{"match_id":1}]')
    said = wire.recv()
    while "error" not in said:
        said = wire.recv()
    assert "TOO_MANY_MESSAGES" in said
    try:
        for _ in range(200):
            wire.send('42["leave_match",{"match_id":1}]')
    except (OSError, websocket.WebSocketException):
        pass  # cut off in the middle
    assert is_cut(wire)


def test_one_connection_follows_so_many_things_and_no_more(house, client):
    fan = client()
    answers = [fan.join("match", match) for match in house.more_matches(21)]
    assert [a["ok"] for a in answers] == [True] * 20 + [False]
    assert answers[-1]["code"] == "TOO_MANY_ROOMS"


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_connections_are_noted_in_batches_and_their_end_too(house, client):
    asha = client(house.sign_in("asha"))
    asha.join("match", house.ground.match)
    sid = asha.sio.get_sid()
    look = lambda: next(iter(house.rows("select * from websocket_connection where sid = :s", s=sid)), None)  # noqa: E731
    until(lambda: look() and f"match:{house.ground.match}" in look()["rooms"])
    row = look()
    assert row["customer_id"] == house.ids["asha"] and row["address"] == "127.0.0.1" and row["ended_at"] is None
    asha.end()
    until(lambda: look()["ended_at"])


def test_the_sockets_of_a_dead_process_are_closed_by_another(house, web):
    house.rows("insert into websocket_process values ('dead:1', now() - interval '4 minutes')")
    house.rows(
        """insert into websocket_connection (sid, process, address, rooms, connected_at, seen_at)
           values (:s, 'dead:1', '127.0.0.1', '{}', now() - interval '1 hour', now())""",
        s=f"dead-{web.port}",
    )
    wire = raw(web)  # something to note
    ended = until(
        lambda: house.rows.value("select ended_at from websocket_connection where sid = :s", s=f"dead-{web.port}")
    )
    assert ended == house.rows.value("select seen_at from websocket_process where process = 'dead:1'")
    wire.close()
    house.rows("delete from websocket_process where process = 'dead:1'")


def test_the_figures_are_for_staff(house, client, web):
    fan = client(house.sign_in("asha"))
    fan.join("match", house.ground.match)
    figures = web.get("/api/realtime-stats", house.sign_in("omar"))
    own = figures["processes"][figures["process"]]
    assert own["connections"] >= 1 and own["signed_in"] >= 1 and own["rooms"] >= 2 and own["messages_per_second"] >= 0
    assert until(lambda: web.get("/api/realtime-stats", house.sign_in("omar"))["all"]["lag_ms"]) < 5000
    with pytest.raises(urllib.error.HTTPError) as refused:
        web.get("/api/realtime-stats", house.sign_in("asha"))
    assert refused.value.code == 404
    refused.value.close()


# --- how it is made ---------------------------------------------------------------------------------------------------


def test_every_handler_has_a_guard(app):
    handlers = app.extensions["live"].socketio.server.handlers["/"]
    assert (
        set(handlers)
        == set(realtime.HANDLERS)
        >= {f"{verb}_{thing}" for verb in ("join", "leave") for thing in ("match", "event", "stadium")}
    )
    for name, handler in handlers.items():
        assert handler.guard == ("checked" if name.startswith("join_") else "public"), name


def test_publishing_never_raises(app):
    realtime.publish_match_update(1, 1, "delivery", {})  # outside an application there is nobody to send it
    with app.app_context():
        realtime.publish_seats_changed(None, 1, [1], "held")
        realtime.publish_seats_changed(1, 1, [object()], "held")


def test_the_vendored_client_is_what_its_readme_says():
    folder = ROOT / "static/vendor/socket.io"
    listed = dict(
        reversed(line.split()) for line in re.findall(r"^    (\S{64}  \S+)$", (folder / "README.md").read_text(), re.M)
    )
    assert set(listed) == {path.name for path in folder.iterdir()} - {"README.md", "LICENSE"}
    for name, wanted in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == wanted


def test_the_browsers_logic_in_node():
    node = shutil.which("node")
    if not node:
        pytest.skip("needs Node")
    done = subprocess.run(
        [node, "--test", "tests/support/realtime_client.mjs"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_client_loads_as_a_plain_script_and_as_a_module():
    source = (ROOT / "static/js/realtime_client.js").read_text()
    assert not re.search(r"^\s*(import|export)\b", source, re.M)
