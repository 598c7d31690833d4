"""A rush: who only begins waits in line, first come first in, and nobody who holds seats is kept waiting."""

import re

import pytest

from web import turns


@pytest.fixture
def line(app):
    found = app.extensions["turns"]
    yield found
    found.at_once = turns.AT_ONCE
    found.line.clear()
    found.kept.clear()


def number_in(page):
    assert page.status_code == 503 and page.headers["Retry-After"] and page.headers["Cache-Control"] == "no-store"
    assert '<meta http-equiv="refresh"' in page.text and "csrf_token" not in page.text
    return int(re.search(r"You are number <span data-place>([0-9,]+)</span> in line", page.text)[1])


def test_nothing_of_it_shows_while_there_is_no_rush(app, line, ground):
    for path in (f"/matches/{ground.match}", f"/book-tickets-enhanced/{ground.event}"):
        page = app.test_client().get(path)
        assert page.status_code == 200 and "cv_turn" not in str(page.headers.getlist("Set-Cookie"))


def test_in_a_rush_who_came_first_comes_in_first_and_has_a_pass(app, line, ground):
    first, second = app.test_client(), app.test_client()
    path = f"/matches/{ground.match}"
    line.at_once = 0
    assert (number_in(first.get(path)), number_in(second.get(path)), number_in(first.get(path))) == (1, 2, 1)
    assert second.get("/").status_code == 200  # which begins nothing
    line.at_once = 2  # half a room: one comes in
    assert number_in(second.get(path)) == 2
    assert first.get(path).status_code == 200 and number_in(app.test_client().get(path)) == 2
    line.at_once = 0
    assert first.get(f"/book-tickets-enhanced/{ground.event}").status_code == 200 and number_in(second.get(path)) == 1


def test_a_place_cannot_be_made_up(app, line, ground):
    honest, cheat = app.test_client(), app.test_client()
    path = f"/matches/{ground.match}"
    line.at_once = 0
    assert (number_in(honest.get(path)), number_in(cheat.get(path))) == (1, 2)
    kind, at, letters, mark = cheat.get_cookie("cv_turn").value.split(".")
    for value in (
        f"{kind}.{int(at) - 60_000_000}.{letters}.{mark}",
        f"pass.{at}.{letters}.{mark}",
        f"{kind}.x.{letters}",
        "…",
    ):
        cheat.set_cookie("cv_turn", value)
        assert number_in(cheat.get(path)) > 1


@pytest.mark.parametrize("by_script", [True, False])
def test_who_holds_seats_or_is_choosing_never_waits(app, line, ground, visitor, rows, by_script):
    seats, path = [ground.seats["A1"], ground.seats["A2"]], f"/book-tickets-enhanced/{ground.event}"
    if by_script:
        assert visitor.api("POST", f"/api/events/{ground.event}/hold", {"seat_ids": seats}).status == 201
    else:
        assert visitor.post(path, seat_id=seats).status == 303
    line.at_once = 0
    assert visitor.get(path).status == 200
    assert visitor.get(f"/bookings/{rows('select max(id) as id from booking')[0].id}/pay").status == 200
    stranger = app.test_client()
    assert stranger.get(f"{path}?stand={rows('select min(id) as id from stand')[0].id}").status_code == 200
    assert number_in(stranger.get(path)) == 1


def test_whoever_goes_away_keeps_nobody_waiting(app, line, ground):
    path = f"/matches/{ground.match}"
    line.at_once = 0
    assert number_in(app.test_client().get(path)) == 1
    second = app.test_client()
    assert number_in(second.get(path)) == 2
    line.kept[line.line[0]] = line.swept = 0.0  # its page has not looked again for long
    assert number_in(second.get(path)) == 1


def test_what_is_under_way_is_counted_to_its_end(app, line, ground):
    for path in ("/", "/nothing-here", f"/matches/{ground.match}", "/bookings/1/pay"):
        app.test_client().get(path)
    assert line.under_way == 0
