"""What is kept for everybody is right at the next visit after a change, and what is left of a sale within a second: in
one process without Redis, and in two with it.
"""

import time
import urllib.request
from contextlib import ExitStack

import pytest

from tests.support.live_house import Redis, Web, make_house

# (what changes, the statement, {page: what it says afterwards, or what not any more where it begins with "-"})
CHANGES = [
    (
        "a price",
        "update event_price set face = 4321 where event_id = :event and band = 'C' and ticket_type = 'adult'",
        {"match": "A$47.87", "seats": "A$47.87", "fixtures": "A$47.87", "ground": "A$47.87"},
    ),
    (
        "a squad",
        "insert into player (team_id, name, role, shirt) select home_team_id, 'Nora Quick', 'Bowler', 77 from match "
        "where id = :match",
        {"match": "Nora Quick", "team": "Nora Quick"},
    ),
    (
        "a club's name",
        "update team set name = 'Renamed Terns' where slug = 'terns'",
        {page: "Renamed Terns" for page in ("home", "fixtures", "match", "team", "teams", "ground", "live")},
    ),
    (
        "a refund policy",
        "update event set refund_until_hours = 71 where id = :event",
        {"match": "71 hours", "seats": "71 hours"},
    ),
    (
        "a match's state",
        "update match set state = 'live' where id = :match",
        {"match": ">Live<", "home": ">Live<", "fixtures": ">Live<"},
    ),
    (
        "a score",
        """insert into match_snapshot (match_id, seq, summary, board) values (:match, 1, '{"seq": 1, "phase": "live",
           "at": 0, "result": null, "scores": [{"team": 0, "short": "Terns", "text": "123/4", "overs": "9.2"}],
           "status": "Told at once"}', '{}')""",
        {"match": "123/4", "fixtures": "123/4", "home": "Told at once"},
    ),
    (
        "a sale's stop",
        "update event set state = 'stopped' where id = :event",
        {"match": "has stopped the sale", "seats": "has stopped the sale", "fixtures": "Sale stopped"},
    ),
    (
        "a sale that opens by the clock",
        "update event set state = 'on_sale', sale_starts_at = clock_timestamp() + interval '2 seconds' "
        "where id = :event",
        {"match": "Not on sale yet", "seats": "Tickets are not on sale yet"},
    ),
]


def pages_of(ground):
    return {
        "home": "/",
        "fixtures": "/fixtures",
        "teams": "/teams",
        "match": f"/matches/{ground.match}",
        "live": f"/matches/{ground.match}/live",
        "seats": f"/book-tickets-enhanced/{ground.event}",
        "ground": "/grounds/lanternside",
        "team": "/teams/terns",
    }


@pytest.fixture(params=["one process", "two processes"])
def stage(request):
    """(ground, rows, functions that each visit a path at a process: with a session's token or None)."""
    if request.param == "one process":
        app, ground, rows = (request.getfixturevalue(name) for name in ("app", "ground", "rows"))
        asha = request.getfixturevalue("as_asha")
        for name in ("PAGES_MAX_AGE", "SEATS_MAX_AGE"):
            request.getfixturevalue("monkeypatch").setitem(app.config, name, 0.5)

        def visit(path, is_signed_in):
            return asha.get(path).html if is_signed_in else app.test_client().get(path).text

        yield ground, rows, [visit]
        return
    house = make_house(*(request.getfixturevalue(name) for name in ("home", "settings")), "staleness")
    redis, token = Redis(), house.sign_in("asha")
    with ExitStack() as ends:
        ends.callback(redis.kill)
        both = [Web(house, "eventlet", redis_url=redis.url, CRICVERSE_ENV="development") for _ in range(2)]
        for web in both:
            ends.callback(web.end)

        def visits(web):
            def visit(path, is_signed_in):
                headers = {"Cookie": f"cv_session={token}"} if is_signed_in else {}
                with urllib.request.urlopen(urllib.request.Request(web.url + path, headers=headers), timeout=20) as a:
                    return a.read().decode()

            return visit

        yield house.ground, house.rows, [visits(web.ready()) for web in both]


def what_is_left_is_a_second_old_at_most(ground, rows, visits, paths):
    for visit in visits:
        assert "of 22 left" in visit(paths["match"], False) and "22 of 22 seats left" in visit(paths["seats"], True)
    rows(
        "insert into seat_claim (event_id, seat_id, state) select :e, id, 'blocked' from seat where layout_id = :l "
        "order by id limit 5",
        e=ground.event,
        l=ground.layout,
    )
    time.sleep(1)
    for visit in visits:
        assert "17 of 22 left" in visit(paths["match"], False)
        assert "17 of 22 seats left" in visit(paths["seats"], True) and "17 of 22" in visit(paths["seats"], False)


@pytest.mark.usefixtures("engine")  # so that the tables are emptied behind it
def test_every_page_is_right_at_the_next_visit_after_a_change(stage):
    ground, rows, visits = stage
    paths = pages_of(ground)
    what_is_left_is_a_second_old_at_most(ground, rows, visits, paths)
    for what, statement, pages in CHANGES:
        for visit in visits:
            for page, words in pages.items():
                for is_signed_in in (False, True):
                    assert (words.removeprefix("-") in visit(paths[page], is_signed_in)) == words.startswith("-"), page
        ids = {"event": ground.event, "match": ground.match}
        rows(statement, **{name: ids[name] for name in ids if f":{name}" in statement})
        for visit in visits:
            for page, words in pages.items():
                for is_signed_in in (False, True):
                    found = words.removeprefix("-") in visit(paths[page], is_signed_in)
                    assert found != words.startswith("-"), f"{page} after {what}"
    # The clock alone opens the sale: nothing is told, and the next visit after that moment is right.
    opens = rows.value(
        "select extract(epoch from sale_starts_at - clock_timestamp()) from event where id = :e", e=ground.event
    )
    time.sleep(max(0, float(opens)) + 0.05)
    for visit in visits:
        assert "on sale yet" not in visit(paths["match"], False) + visit(paths["seats"], True)
