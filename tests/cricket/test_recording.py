"""The log of a match: one scorer at a time, nothing twice, nothing lost, and the board that goes with it."""

import pytest

from cricket.board.patch import apply_patch, merge
from cricket.engine.events import Event
from cricket.matches import log, recording, replay
from database import in_transaction
from tests.support.scoring import Scorer, ball, keyed, opening


@pytest.fixture
def sunil(cast, ground):
    scorer = Scorer(cast.browser("sunil"), ground.match)
    assert scorer.take().status == 200
    return scorer


def state(rows, match):
    return rows.one("select state, result from match where id = :m", m=match)


def test_a_ball_is_on_the_board_and_in_the_log_with_who_and_when(sunil, ground, rows, visitor, cast):
    assert sunil.send(opening()).status == 200
    assert sunil.send([ball(4)]).status == 200
    answer = visitor.get(f"/api/matches/{ground.match}").json
    assert answer["seq"] == 8 and answer["board"]["innings"][0]["score"] == "4/0"
    row = rows.one("select * from match_update where match_id = :m and seq = 8", m=ground.match)
    assert (
        row["recorded_by"] == cast.ids["sunil"] and row["recorded_name"] == "Sunil Abeysekera" and row["at"] is not None
    )
    assert state(rows, ground.match)["state"] == "live"


def test_patches_lead_from_board_to_board(sunil, ground, visitor):
    sunil.send(opening())
    board = visitor.get(f"/api/matches/{ground.match}").json["board"]
    sunil.send([ball(1), ball(0, "t2", "t1", extras={"wides": 1}), ball(6, "t2", "t1")])
    page = visitor.get(f"/api/matches/{ground.match}/events?after=7").json
    assert [e["seq"] for e in page["events"]] == [8, 9, 10] and not page["reset"] and not page["more"]
    for event in page["events"]:
        apply_patch(board, event["patch"])
    assert board == visitor.get(f"/api/matches/{ground.match}").json["board"]


def test_patches_lead_from_view_to_view(sunil, ground, visitor, rows):
    view = visitor.get(f"/api/matches/{ground.match}/view").json
    assert view["seq"] == 0 and view["view"]["status"] == "Not started yet"
    sunil.send(opening())
    fresh = visitor.get(f"/api/matches/{ground.match}/view").json
    assert fresh["seq"] == 7
    sunil.send([ball(1), ball(0, "t2", "t1", extras={"wides": 1}), ball(6, "t2", "t1")])
    page = visitor.get(f"/api/matches/{ground.match}/view/events?after=7").json
    assert [e["seq"] for e in page["events"]] == [8, 9, 10] and not page["reset"] and not page["more"]
    seen = fresh["view"]
    for event in page["events"]:
        assert set(event) == {"seq", "patch"}
        merge(seen, event["patch"])
    assert seen == visitor.get(f"/api/matches/{ground.match}/view").json["view"]
    assert seen["score"] == "8/0" and seen["over"]["title"] == "This over, 8 runs"


def test_a_ball_of_an_older_release_is_fetched_whole(sunil, ground, visitor, rows):
    sunil.send([*opening(), ball(1)])
    rows("alter table match_update disable trigger all")
    rows("update match_update set view_patch = null where match_id = :m", m=ground.match)
    rows("alter table match_update enable trigger all")
    page = visitor.get(f"/api/matches/{ground.match}/view/events?after=7").json
    assert page["events"] == [{"seq": 8, "patch": None}], "a page that finds no patch fetches the view"


def test_an_unchanged_view_is_not_sent_again(sunil, ground, visitor):
    sunil.send(opening())
    tag = visitor.get(f"/api/matches/{ground.match}/view").headers["ETag"]
    assert visitor.get(f"/api/matches/{ground.match}/view", headers={"If-None-Match": tag}).status == 304
    sunil.send([ball(1)])
    assert visitor.get(f"/api/matches/{ground.match}/view", headers={"If-None-Match": tag}).status == 200


def test_events_never_say_who_entered_them_in_public(sunil, ground, visitor):
    sunil.send(opening())
    page = visitor.get(f"/api/matches/{ground.match}/events?after=0")
    assert "Sunil" not in page.html and len(page.json["events"]) == 7


def test_sending_twice_records_once(sunil, ground, rows):
    sunil.send(opening())
    events = keyed([ball(1), ball(2, "t2", "t1")])
    first = sunil.send(events, after=7)
    again = sunil.send(events, after=7)
    assert first.json == again.json and again.json["seq"] == 9
    # The answer was lost, and one more ball has been scored meanwhile.
    more = sunil.send(keyed([ball(1), ball(2, "t2", "t1"), ball(0, "t2", "t1")]), after=7)
    assert more.json["seq"] == 10 and [r["seq"] for r in more.json["recorded"]] == [8, 9, 10]
    assert rows.value("select count(*) from match_update where match_id = :m", m=ground.match) == 10


def test_an_impossible_event_stops_the_whole_batch_and_is_named(sunil, ground, rows):
    sunil.send(opening())
    page = sunil.send(keyed([ball(1), ball(1, striker="h3")], "x"))
    assert page.status == 422 and page.json["error"]["code"] == "EVENT_IMPOSSIBLE" and page.json["error"]["key"] == "x2"
    assert rows.value("select count(*) from match_update where match_id = :m and key like 'x%'", m=ground.match) == 0


@pytest.mark.parametrize(
    "events",
    [
        "text",
        [],
        [{}],
        [{"key": "a b", "kind": "note", "body": {}}],
        [{"key": "k", "kind": "unheard of", "body": {}}],
        [{"key": "k", "kind": "note", "body": {"text": "x"}, "at": "yesterday"}],
        [{"key": "k", "kind": "restart", "body": {}}],
        [{"key": "k", "kind": "note", "body": {"text": "x"}}] * 2,
        [{"key": "k", "kind": "delivery", "body": {"bat": -1}}],
        keyed([("note", {"text": "x"})] * 101),
        [{"key": "k", "kind": "setup", "body": {"teams": ["A", "B"], "a\0": 1}}],
        [{"key": "k", "kind": "note", "body": {"text": "a\0"}}],
        [{"key": "k", "kind": "note", "body": {"text": "\ud800"}}],
        [{"key": "k", "kind": "note", "body": {"text": "x"}, "at": "0001-01-01T00:00:00+14:00"}],
    ],
)
def test_what_is_no_event_is_refused_with_a_sentence(sunil, events):
    sunil.send(opening())
    page = sunil.send(events) if isinstance(events, list) else sunil.send([{"key": 1}])
    assert page.status == 422 and page.json["error"]["message"].endswith(".")


def test_somebody_else_sees_who_scores_and_takes_over_knowingly(sunil, ground, cast, rows):
    sunil.send(opening())
    joan = Scorer(cast.browser("joan"), ground.match)
    refused = joan.take()
    assert refused.status == 409 and refused.json["error"]["code"] == "SCORING_LOCKED"
    assert refused.json["error"]["name"] == "Sunil Abeysekera" and refused.json["error"]["since"]
    assert joan.take(knowingly=True).status == 200 and joan.seq == 7
    lost = sunil.send([ball(1)])
    assert (
        lost.status == 409
        and lost.json["error"]["code"] == "SCORING_LOCK_LOST"
        and lost.json["error"]["name"] == "Joan Pickersgill"
    )
    assert joan.send([ball(1)]).status == 200
    assert (
        sunil.send([ball(1)]).json["error"]["code"] == "SCORING_LOCK_LOST"
    )  # and not only that the score has moved on
    assert rows.value("select count(*) from system_log where action = 'scoring.taken_over'") == 1
    # Who gives the lock back lets the next one in without asking.
    joan.browser.api("DELETE", f"/api/scorer/matches/{ground.match}/lock", **{"X-Scoring-Lock": joan.lock})
    assert sunil.take().status == 200


def test_a_lock_not_used_for_half_a_day_is_free(sunil, ground, cast, rows):
    rows("update scorer_lock set used_at = now() - interval '13 hours'")
    assert Scorer(cast.browser("joan"), ground.match).take().status == 200


def test_whoever_knows_an_older_score_is_told(sunil, ground, cast):
    sunil.send(opening())
    page = sunil.send(keyed([ball(1)], "late"), after=5)
    assert page.status == 409 and page.json["error"]["code"] == "SCORE_MOVED_ON" and page.json["error"]["seq"] == 7


@pytest.mark.parametrize("who", ["asha", "omar", "piet", "ada"])
def test_only_the_scorers_of_this_ground_score(who, cast, ground):
    other = Scorer(cast.browser(who), ground.match)
    # Who scores nowhere finds no such page; who scores elsewhere is refused by the database.
    status = 403 if who == "piet" else 404
    assert other.take().status == status and other.send(opening()).status == status
    assert other.browser.get(f"/api/scorer/matches/{ground.match}").status == 404


def test_the_console_gets_squads_log_and_lock(sunil, ground, rows):
    rows(
        "insert into player (team_id, name, role, shirt) select home_team_id, 'Asel Rangi', 'batter', 7 from match "
        "where id = :m",
        m=ground.match,
    )
    sunil.send(opening())
    answer = sunil.browser.api("GET", f"/api/scorer/matches/{ground.match}", **{"X-Scoring-Lock": sunil.lock}).json
    assert answer["squads"][0][0]["name"] == "Asel Rangi" and answer["match"]["teams"][1]["short"] == "Herons"
    assert answer["seq"] == 7 and answer["events"][0]["by"] == "Sunil Abeysekera"
    assert answer["lock"]["mine"] is True
    later = sunil.browser.api("GET", f"/api/scorer/matches/{ground.match}?after=5").json
    assert [e["seq"] for e in later["events"]] == [6, 7] and later["lock"]["mine"] is False


def test_undo_to_the_very_start(sunil, ground, rows, visitor):
    events = keyed([*opening(), ball(4), ("over_end", {})], "e")
    sunil.send(events)
    for n, event in enumerate(reversed(events)):
        assert sunil.send([{"key": f"u{n}", "kind": "undo", "body": {"of": event["key"]}}]).status == 200, event
    assert state(rows, ground.match)["state"] == "scheduled"
    assert visitor.get(f"/api/matches/{ground.match}").json["board"]["innings"] == []


def test_a_state_that_two_processes_keep_follows_the_log(sunil, ground, app):
    """What another process recorded is read before anything is added."""
    sunil.send(opening())
    with app.app_context():
        stale = log.borrow(ground.match)
    sunil.send([ball(2)])
    with app.app_context():
        log._kept.clear()
        log.keep(stale)
        fresh = log.borrow(ground.match)
        assert fresh is stale and fresh.seq == 8 and fresh.state.innings[0].runs == 2


def test_a_board_of_an_older_release_is_drawn_anew(sunil, ground, rows, visitor):
    sunil.send([*opening(), ball(3)])
    rows("update match_snapshot set board = '{\"v\": 0}', seq = seq where match_id = :m", m=ground.match)
    from caches.responses import bodies

    bodies._kept.clear()
    assert visitor.get(f"/api/matches/{ground.match}").json["board"]["innings"][0]["score"] == "3/0"


def test_an_unchanged_board_is_not_sent_again(sunil, ground, visitor):
    sunil.send(opening())
    tag = visitor.get(f"/api/matches/{ground.match}").headers["ETag"]
    assert visitor.get(f"/api/matches/{ground.match}", headers={"If-None-Match": tag}).status == 304


def test_more_than_a_page_comes_in_pages(sunil, ground, visitor):
    sunil.send(opening())
    for batch in range(3):
        sunil.send(keyed([("note", {"text": f"{n}"}) for n in range(100)], f"n{batch}."))
    first = visitor.get(f"/api/matches/{ground.match}/events?after=0").json
    assert len(first["events"]) == 200 and first["more"]
    second = visitor.get(f"/api/matches/{ground.match}/events?after=200").json
    assert len(second["events"]) == 107 and not second["more"]
    assert visitor.get(f"/api/matches/{ground.match}/events?after=9999").json["reset"] is True


def test_a_match_that_does_not_exist(visitor):
    for path in ("", "/events?after=0", "/view", "/view/events?after=0"):
        assert visitor.get(f"/api/matches/999999{path}").status == 404, path
    for path in ("cricsheet.json", "charts"):
        assert visitor.get(f"/matches/999999/{path}").status == 404, path


# --- replays --------------------------------------------------------------------------------------


@pytest.fixture
def source(sunil, ground):
    over = [
        ball(1),
        ball(4, "t2", "t1"),
        ball(0, "t2", "t1"),
        ball(0, "t2", "t1"),
        ball(0, "t2", "t1"),
        ball(0, "t2", "t1"),
        ("over_end", {}),
    ]
    assert sunil.send(keyed([*opening(), *over], "a")).status == 200
    assert sunil.send([{"key": "oops", "kind": "delivery", "body": ball(6, "t1", "t2", "h10")[1]}]).status == 200
    assert sunil.send([{"key": "undo", "kind": "undo", "body": {"of": "oops"}}]).status == 200
    assert sunil.send([("innings_end", {"reason": "no further play"})]).status == 200
    return ground.match


@pytest.fixture
def replayed(app, source):
    with app.app_context():
        number = replay.open_replay(source, 1000)
        assert replay.open_replay(source) == number == replay.open_replay(number)
        yield number


def test_a_replay_ends_at_the_same_board(replayed, source, visitor, rows):
    while replay.step(replayed):
        pass
    ours, theirs = (visitor.get(f"/api/matches/{m}").json["board"] for m in (replayed, source))
    assert ours["innings"] == theirs["innings"] and ours["info"]["replay"] and not theirs["info"]["replay"]
    assert rows.value("select source from match where id = :m", m=replayed) == "replay"
    assert rows.value("select count(*) from match_update where match_id = :m and kind = 'undo'", m=replayed) == 0


def test_a_replay_jumps_to_an_over(replayed, visitor):
    replay.jump(replayed, 1, 1)
    (over,) = visitor.get(f"/api/matches/{replayed}").json["board"]["innings"][0]["overs"]
    assert over["e"] == "5 runs"


def test_a_replay_plays_what_is_due_and_stands_when_paused(replayed, rows):
    assert replay.play_due() == 0  # it is opened standing still
    replay.steer(replayed, state="running")
    assert replay.play_due() > 0
    replay.steer(replayed, state="paused")
    before = rows.value("select position from match_replay where match_id = :m", m=replayed)
    assert (
        replay.play_due() == 0
        and rows.value("select position from match_replay where match_id = :m", m=replayed) == before
    )


def test_a_repeated_replay_begins_again_under_new_numbers(replayed, rows, visitor):
    rows("update match_replay set repeats = true, state = 'running' where match_id = :m", m=replayed)
    while rows.value("select position from match_replay where match_id = :m", m=replayed) < 15:
        rows("update match_replay set next_at = now()")
        replay.play_due()
    last = visitor.get(f"/api/matches/{replayed}").json["seq"]
    rows("update match_replay set next_at = now()")
    replay.play_due()
    page = visitor.get(f"/api/matches/{replayed}/events?after={last - 3}").json
    assert page["reset"] and page["seq"] > last
    board = visitor.get(f"/api/matches/{replayed}").json["board"]
    assert board["innings"] == [] or board["innings"][0]["score"] == "0/0"


def test_the_same_pauses_every_time():
    event = Event(0, "k", "delivery", {"wickets": [{}]})
    assert replay.pause_after(event, 7, 40) == replay.pause_after(event, 7, 40) != replay.pause_after(event, 7, 41)


def test_a_replay_is_never_a_live_match(app, ground, cast):
    with app.app_context():
        from refusals import Refused

        with pytest.raises(Refused):
            in_transaction(recording.feed, ground.match, [Event(0, "x", "note", {"text": "x"})], worker=True)
        with pytest.raises(Refused):
            replay.open_replay(ground.match)


def test_a_board_travels_packed_to_who_can_unpack_it(sunil, ground, visitor):
    import gzip
    import json

    sunil.send(opening())
    plain = visitor.get(f"/api/matches/{ground.match}")
    packed = visitor.client.get(f"/api/matches/{ground.match}", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    assert json.loads(gzip.decompress(packed.data)) == plain.json and packed.headers["ETag"] != plain.headers["ETag"]


# --- the Laws of its day --------------------------------------------------------------------------


def laws_of(answer):
    return [words for label, words in answer["board"]["info"]["rows"] if label == "Laws"]


@pytest.mark.parametrize(
    "moment, day, edition",
    [("2026-09-30 13:59+00", "2026-09-30", "3rd"), ("2026-09-30 14:00+00", "2026-10-01", "4th")],
)
def test_a_match_is_played_under_the_laws_of_its_day_in_sydney(source, sunil, visitor, rows, moment, day, edition):
    rows("update match set starts_at = :at where id = :m", at=moment, m=source)
    rows("update match_snapshot set board = '{}' where match_id = :m", m=source)
    log._kept.clear()
    (words,) = laws_of(visitor.get(f"/api/matches/{source}").json)
    assert f"{edition} edition" in words
    assert words in visitor.get(f"/matches/{source}/scorecard").text
    assert sunil.browser.api("GET", f"/api/scorer/matches/{source}").json["match"]["played"] == day


def test_a_match_to_come_says_its_laws(visitor, ground, rows):
    rows("update match set starts_at = '2026-09-30 10:00+00' where id = :m", m=ground.match)
    assert "2017 Code, 3rd edition (October 2022)" in visitor.get(f"/matches/{ground.match}/live").text


def test_a_replay_is_played_under_the_laws_of_what_it_plays_again(replayed, source, visitor, rows):
    rows("update match set starts_at = '2019-05-01 00:00+00' where id = :m", m=source)
    replay.step(replayed)
    assert laws_of(visitor.get(f"/api/matches/{replayed}").json) == ["2017 Code, 2nd edition (April 2019)"]


def test_a_replay_plays_a_wicket_that_no_scorer_could_enter(sunil, ground, app, visitor):
    """A free hit that the umpires did not give: an older log holds the wicket."""
    bowled = {**ball(0)[1], "wickets": [{"kind": "bowled", "player": "t1"}]}
    no_ball = {**ball(0)[1], "extras": {"noballs": 1}, "free_hit": False}
    sent = [("delivery", no_ball), ("delivery", bowled)]
    assert sunil.send(keyed([*opening(), *sent, ("innings_end", {"reason": "declared"})], "a")).status == 200
    with app.app_context():
        number = replay.open_replay(ground.match, 1000)
        scored = log.borrow(ground.match)
        scored.events = [
            Event(e.seq, e.key, e.kind, {k: v for k, v in e.body.items() if k != "free_hit"}) for e in scored.events
        ]
        log.keep(scored)
        while replay.step(number):
            pass
    assert visitor.get(f"/api/matches/{number}").json["board"]["innings"][0]["score"] == "1/1 dec"
