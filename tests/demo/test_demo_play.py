"""The demo's cricket: a match is the same for the same seed, is possible by the engine's own rules, and ends as the
fixture list states.
"""

from collections import Counter

import pytest

from cricket.engine.events import Event, check_event
from cricket.engine.scoring import fold
from demo import scores
from demo.play import Club, cricketer, play

ROLES = (
    ["batter"] * 5
    + ["all-rounder", "wicket-keeper", "all-rounder"]
    + ["bowler"] * 3
    + ["batter", "all-rounder", "wicket-keeper", "bowler", "bowler"]
)
OFFICIALS = {
    "umpires": ["Ada Bell", "Cai Dunn"],
    "tv_umpires": ["Eve Fry"],
    "reserve_umpires": [],
    "match_referees": ["Gil Hay"],
}
KINDS = [("T20", None), ("T20", "washed out"), ("List A", None), ("List A", "revised"), ("First-class", None)]


def club(n):
    squad = tuple(cricketer(f"p{16 * n + at}", f"Player {n} {at}", role) for at, role in enumerate(ROLES))
    return Club(f"Club {n}", f"C{n}", ("#102030", "#f0f0f0"), squad)


def played(format, seed, rain=None):
    return play(format, (club(seed % 3), club(3 + seed % 4)), OFFICIALS, seed, rain)


def events_of(match):
    return [Event(seq, e["key"], e["kind"], e["body"]) for seq, e in enumerate(match.events, 1)]


def balls(match):
    return [e["body"] for e in match.events if e["kind"] == "delivery"]


def total(ball):
    return ball["bat"] + sum(ball.get("extras", {}).values())


@pytest.mark.parametrize(("format", "rain"), KINDS)
def test_a_seed_gives_the_same_match_every_time(format, rain):
    assert played(format, 3, rain).events == played(format, 3, rain).events
    assert played(format, 3, rain).events != played(format, 4, rain).events


@pytest.mark.parametrize(("format", "rain"), KINDS)
def test_the_engine_finds_every_match_possible_and_ends_it_as_the_simulation_does(format, rain):
    for seed in range(6 if format == "First-class" else 25):
        match = played(format, seed, rain)
        for event in match.events:
            check_event(event["kind"], event["body"])
        state = fold(events_of(match), strict=True)
        assert (state.warnings, state.problems, state.ended) == ([], [], True)
        assert [(i.team, i.runs, i.wickets, i.overs_text) for i in state.innings] == match.totals
        assert state.result.text == match.result
        times = [event["after"] for event in match.events]
        assert times == sorted(times) and len({event["key"] for event in match.events}) == len(times)


@pytest.mark.parametrize(("format", "limit"), [("T20", 4), ("List A", 10)])
def test_nobody_bowls_too_much_or_two_overs_in_a_row(format, limit):
    for seed in range(20):
        for innings in fold(events_of(played(format, seed))).innings:
            bowlers = [over.bowlers[0] for over in innings.overs]
            assert all(len(over.bowlers) == 1 for over in innings.overs)
            assert max(Counter(bowlers).values()) <= limit
            assert all(one != other for one, other in zip(bowlers, bowlers[1:], strict=False))


def test_it_looks_like_cricket():
    matches = [played("T20", seed) for seed in range(60)]
    every = [ball for match in matches for ball in balls(match)]
    kinds = Counter(wicket["kind"] for ball in every for wicket in ball.get("wickets", ()))
    extras = Counter(name for ball in every for name in ball.get("extras", ()))
    assert 0.02 < extras["wides"] / len(every) < 0.04 and 0.002 < extras["noballs"] / len(every) < 0.01
    assert extras["byes"] and extras["legbyes"] and any("review" in ball for ball in every)
    assert set(kinds) >= {"caught", "bowled", "lbw", "run out", "stumped", "caught and bowled"}
    assert all(
        wicket.get("fielders")
        for ball in every
        for wicket in ball.get("wickets", ())
        if wicket["kind"] in ("caught", "stumped", "run out")
    )
    assert 135 < sum(match.totals[0][1] for match in matches) / 60 < 180
    longer = [played("List A", seed) for seed in range(20)]
    assert 220 < sum(match.totals[0][1] for match in longer) / 20 < 320
    days = [played("First-class", seed) for seed in range(8)]
    assert 200 < sum(match.totals[0][1] for match in days) / 8 < 360
    assert any(over.maiden for over in fold(events_of(days[0])).innings[0].overs)
    assert {e["body"]["reason"] for e in days[0].events if e["kind"] == "break"} >= {"lunch", "tea", "stumps"}


def test_no_wicket_but_a_run_out_falls_to_a_no_ball_or_a_free_hit():
    for seed in range(60):
        free = False
        for ball in balls(played("T20", seed)):
            noball = "noballs" in ball.get("extras", {})
            if free or noball:
                assert all(wicket["kind"] == "run out" for wicket in ball.get("wickets", ()))
            free = noball or (free and "wides" in ball.get("extras", {}))


def test_a_shortened_chase_is_played_to_its_revised_target():
    match = played("List A", 1, "revised")
    (revision,) = [e["body"] for e in match.events if e["kind"] == "revise"]
    state = fold(events_of(match))
    assert state.innings[1].target == revision["target"] < state.innings[0].runs + 1
    assert state.innings[1].overs_limit == revision["overs"] and match.result.endswith("(D/L method)")


def test_a_seed_that_is_out_of_date_is_looked_for_again(monkeypatch):
    sides = (club(0), club(3))
    stated = play("T20", sides, OFFICIALS, f"{('Cup', 1)} 7").result
    seed, match = scores.steered(("Cup", 1), "T20", sides, OFFICIALS, stated)
    assert seed <= 7 and match.result == stated
    monkeypatch.setattr(scores, "MOST_TRIES", 3)
    with pytest.raises(ValueError, match="by 999 runs"):
        scores.steered(("Cup", 1), "T20", sides, OFFICIALS, "Club 0 won by 999 runs")


def test_the_season_is_scored_ball_by_ball(app, rows, monkeypatch):
    monkeypatch.setattr(
        scores, "MOST_TRIES", 1
    )  # every seed is the right one: nothing is searched for while a newcomer waits
    done = app.test_cli_runner().invoke(args=["seed-demo"])
    assert done.exit_code == 0, done.output

    finished = rows("select * from match where state = 'finished' order by starts_at")
    assert len(finished) == 16
    for match in finished:
        log = rows("select * from match_update where match_id = :id order by seq", id=match["id"])
        state = fold([Event(row["seq"], row["key"], row["kind"], row["body"]) for row in log], strict=True)
        snapshot = rows.one("select * from match_snapshot where match_id = :id", id=match["id"])
        assert state.warnings == [] and state.result.text == match["result"] == snapshot["summary"]["result"]
        assert snapshot["seq"] == len(log) == state.seq and snapshot["board"]["info"]["result"] == match["result"]
        assert "Laws" in dict(snapshot["board"]["info"]["rows"]), "which edition follows from the day"
        assert state.settings.format == match["format"] and state.player_of_match or match["result"] == "No result"
        assert all(match["starts_at"].date() <= row["at"].date() or row["seq"] < 10 for row in log)
    league = Counter(
        row["team"]
        for row in rows(
            "select unnest(array[home_team_id, away_team_id]) as team from match "
            "where competition = 'Evening League' and state = 'finished'"
        )
    )
    assert len(league) == 8 and set(league.values()) <= {3, 4}
    assert {match["format"] for match in finished} == {"T20", "List A", "First-class"}
    assert (
        rows.value(
            "select count(*) from event_match em join match m on m.id = em.match_id where m.format = 'First-class'"
        )
        == 4
    )

    _the_practice_match_waits_for_its_scorer(rows)
    _one_match_is_shown_again(app, rows)


def _the_practice_match_waits_for_its_scorer(rows):
    practice = rows.one(
        "select * from match where competition = 'Practice match' and stadium_id = (select id from stadium "
        "where slug = 'lanternside-oval')"
    )
    assert practice["state"] == "scheduled"
    assert rows.value("select count(*) from match_update where match_id = :id", id=practice["id"]) == 0
    scorer = "select count(*) from staff_role where stadium_id = :ground and role = 'scorer'"
    assert rows.value(scorer, ground=practice["stadium_id"]) == 1


def _one_match_is_shown_again(app, rows):
    """The rest of it is played by the replay itself, and ends as its source did."""
    from cricket.matches import replay

    twin = rows.one(
        "select r.*, m.state as match_state, s.result as source_result from match_replay r "
        "join match m on m.id = r.match_id join match s on s.id = r.source_match_id"
    )
    played = rows.value("select count(*) from match_update where match_id = :id", id=twin["match_id"])
    assert (twin["state"], twin["repeats"], twin["position"], twin["match_state"]) == ("running", True, played, "live")
    with app.app_context():
        assert replay.jump(twin["match_id"], 3, 1)  # there is no third innings: to the end
    assert rows.one("select state, result from match where id = :id", id=twin["match_id"]) == {
        "state": "finished", "result": twin["source_result"],
    }  # fmt: skip
    with app.app_context():
        rows("update match_replay set state = 'running', next_at = now()")
        assert replay.play_due() > 1  # it begins again by itself
        assert replay.jump(twin["match_id"], 1, 2)
    told = rows.one(
        "select m.state, s.summary from match m join match_snapshot s on s.match_id = m.id where m.id = :id",
        id=twin["match_id"],
    )
    assert (
        told["state"] == "live" and told["summary"]["result"] is None and told["summary"]["scores"][0]["overs"] == "2"
    )
