"""The Laws as the engine keeps them, told ball by ball."""

import pytest

from cricket.engine.events import check_event, effective
from cricket.engine.scoring import Event, Impossible, fold
from tests.support.scorebook import AVOCETS, TERNS, Book, refused


@pytest.fixture
def book():
    return Book(format="T20", overs=2).start()


# Balls and extras


def test_a_wide_is_not_faced_and_not_of_the_over(book):
    book.ball(extras={"wides": 5})
    innings = book.innings
    assert (innings.runs, innings.legal, innings.deliveries, innings.overs_text) == (5, 0, 1, "0")
    assert innings.batting["t1"].balls == 0
    bowler = innings.bowling["a11"]
    assert (bowler.runs, bowler.wides, bowler.wide_balls, bowler.balls) == (5, 5, 1, 0)
    assert innings.striker == "t1"  # five wides are four run: the same batter faces


def test_a_no_ball_is_faced_and_its_runs_are_the_batters(book):
    book.ball(4, extras={"noballs": 1})
    batter, bowler = book.innings.batting["t1"], book.innings.bowling["a11"]
    assert (batter.runs, batter.balls, batter.fours) == (4, 1, 1)
    assert (bowler.runs, bowler.noballs, bowler.legal) == (5, 1, 0)


def test_byes_and_leg_byes_are_not_the_bowlers_and_change_the_strike(book):
    book.ball(extras={"byes": 1})
    book.ball(extras={"legbyes": 3})
    assert book.innings.bowling["a11"].runs == 0
    assert book.innings.extras["byes"] == 1 and book.innings.extras["legbyes"] == 3
    assert book.innings.striker == "t1"


def test_an_all_run_four_is_no_boundary(book):
    book.ball(4, non_boundary=True)
    assert book.innings.batting["t1"].fours == 0 and book.innings.batting["t1"].runs == 4


def test_penalty_runs_are_nobodys(book):
    book.ball(1, extras={"penalty": 5})
    assert book.innings.runs == 6
    assert book.innings.bowling["a11"].runs == 1
    assert book.innings.striker == "t2"
    book.add("penalty", innings=0, runs=5, when="post")
    assert book.innings.runs == 11 and book.innings.extras["penalty"] == 10


def test_penalty_runs_to_a_side_that_has_not_batted_wait_for_its_innings(book):
    book.add("penalty", innings=1, runs=5, when="pre")
    book.balls(1, 1).end("no further play")
    book.start(AVOCETS)
    assert book.innings.runs == 5 and book.innings.extras["penalty"] == 5
    book.end("no further play")
    book = Book(format="Test", overs=None, innings=4)
    book.add("penalty", innings=0, runs=5, when="pre")
    for team, runs in ((TERNS, 5), (AVOCETS, 0)):
        book.start(team).end("declared")
        assert book.innings.runs == runs  # owed once


def test_a_ball_that_is_not_one_of_the_over(book):
    book.ball(1, extras={"penalty": 5}, uncounted=True)
    assert book.innings.legal == 0 and book.innings.batting["t1"].balls == 1


@pytest.mark.parametrize(
    "extras, ran, striker",
    [
        ({"wides": 2}, 0, "t2"),
        ({"wides": 1}, 0, "t1"),
        ({"noballs": 1}, 1, "t2"),
        ({"noballs": 2}, 0, "t2"),
        ({"byes": 4}, 0, "t1"),
    ],
)
def test_the_strike_changes_on_odd_runs_run(book, extras, ran, striker):
    book.ball(ran, extras=extras)
    assert book.state.next_striker == striker


# Overs


def test_the_end_of_an_over_is_asked_for_and_changes_ends(book):
    book.balls(0, 0, 0, 0, 0)
    assert book.state.due is None
    book.ball(1)
    assert book.state.due == "over" and book.innings.overs_text == "1"
    book.add("over_end")
    assert book.state.due is None
    assert (
        book.innings.striker == "t1" and book.innings.overs[0].complete
    )  # a single off the last ball keeps the strike


def test_an_over_of_seven_is_one_over(book):
    book.balls(0, 0, 0, 0, 0, 0)
    book.ball(2)  # another ball to come
    book.add("over_end")
    innings = book.innings
    assert (innings.overs_text, innings.balls, innings.legal) == ("1", 6, 7)
    assert (innings.bowling["a11"].overs, innings.bowling["a11"].economy) == ("1", 2.0)


def test_an_over_of_five_is_one_over_and_may_be_a_maiden(book):
    book.over(0, 0, 0, 0, 0)
    assert book.innings.overs_text == "1" and book.innings.bowling["a11"].maidens == 1


def test_byes_do_not_spoil_a_maiden_and_wides_do(book):
    book.balls(0, 0, 0, 0, 0)
    book.ball(extras={"byes": 4})
    book.add("over_end")
    assert book.innings.bowling["a11"].maidens == 1
    book.add("bowler", bowler="a10")
    book.ball(extras={"wides": 1})
    book.over()
    assert book.innings.bowling["a10"].maidens == 0


def test_a_shared_over_is_balls_for_both_and_no_maiden(book):
    book.balls(0, 0, 0, 0)
    book.add("bowler", bowler="a10")
    book.balls(0, 0)
    book.add("over_end")
    assert [book.innings.bowling[key].overs for key in ("a11", "a10")] == ["0.4", "0.2"]
    assert not book.innings.overs[0].maiden


def test_the_bowler_of_the_last_over_may_not_bowl_the_next(book):
    book.over()
    assert "a11" not in book.state.can_bowl() and "a10" in book.state.can_bowl()
    book.ball(bowler="a11")
    assert book.state.warnings == ["A 11 bowled over 2 and the one before it."]


def test_a_bowler_at_the_limit_is_not_offered():
    book = Book(format="T20", overs=5, bowler_limit=1).start()
    book.over().over(bowler="a10")
    assert "a11" not in book.state.can_bowl() and "a9" in book.state.can_bowl()


def test_what_umpires_let_a_bowler_do_stays_in_the_book_with_a_warning():
    book = Book(format="T20", overs=10, bowler_limit=2).start().over().over(bowler="a10")
    book.balls(0)
    book.add("bowler", bowler="a11")
    book.balls(0, 0)
    book.ball(bowler="a10")
    assert book.state.warnings == ["A 10 bowled over 3 and the one before it."], "asked once an over, and of everybody"
    book.balls(0, 0)
    book.add("over_end")
    book.over(bowler="a9").over(bowler="a11")
    assert book.state.warnings[1:] == ["A 11 has bowled more than 2 overs."]


def test_the_hundred_changes_ends_after_ten():
    book = Book(format="Hundred", overs=20, balls_per_over=5, balls_per_end=10, no_ball=2).start()
    book.over()
    assert book.innings.striker == "t1"  # after five the ends stay, and the same bowler may go on
    assert "a11" in book.state.can_bowl()
    book.over()
    assert book.innings.striker == "t2" and "a11" not in book.state.can_bowl()
    book.ball(1, extras={"noballs": 2}, bowler="a10")
    assert book.innings.striker == "t1"
    assert book.state.current.overs_text == "2"
    refused(
        book, "NO_BALL_VALUE", "delivery", striker="t1", non_striker="t2", bowler="a10", bat=0, extras={"noballs": 1}
    )


def test_no_ball_is_bowled_after_the_last_over(book):
    book.over().over(bowler="a10")
    assert book.state.due == "innings" and book.state.balls_left == 0
    refused(book, "OVERS_COMPLETE", "delivery", striker="t1", non_striker="t2", bowler="a9", bat=0)


# Wickets


@pytest.mark.parametrize(
    "kind, fielders, text, credited",
    [
        ("bowled", None, "b A 11", 1),
        ("lbw", None, "lbw b A 11", 1),
        ("caught", [{"key": "a3"}], "c A 3 b A 11", 1),
        ("caught", [{"name": "Guest", "substitute": True}], "c sub (Guest) b A 11", 1),
        ("caught and bowled", None, "c & b A 11", 1),
        ("stumped", [{"key": "a1"}], "st A 1 b A 11", 1),
        ("hit wicket", None, "hit wicket b A 11", 1),
        ("run out", [{"key": "a3"}, {"key": "a1"}], "run out (A 3/A 1)", 0),
        ("run out", None, "run out", 0),
        ("obstructing the field", None, "obstructing the field", 0),
        ("hit the ball twice", None, "hit the ball twice", 0),
        ("handled the ball", None, "handled the ball", 0),
        ("retired out", None, "retired out", 0),
    ],
)
def test_every_dismissal(kind, fielders, text, credited):
    book = Book(format="T20", overs=2, laws="2000").start()
    book.out(kind, **({"fielders": fielders} if fielders else {}))
    batter = book.innings.batting["t1"]
    assert batter.how == text and batter.out.kind == kind and batter.state == "out"
    assert book.innings.bowling["a11"].wickets == credited
    assert book.innings.wickets == 1 and book.innings.fow[0].label == "0.1"


def test_a_wicket_off_a_wide_falls_after_no_ball(book):
    book.out("stumped", extras={"wides": 1}, fielders=[{"key": "a1"}])
    assert book.innings.fow[0].label == "0.0" and book.innings.fow[0].score == 1


def test_after_a_catch_the_new_batter_faces(book):
    book.out("caught", fielders=[{"key": "a3"}])
    assert book.state.next_striker == "new"
    assert "t3" in book.state.can_bat() and "t1" not in book.state.can_bat() and "t2" not in book.state.can_bat()
    book.comes_in("t3")
    assert book.state.next_striker == "t3"


def test_the_scorer_says_who_faces_after_a_run_out(book):
    book.out("run out", bat=1, next="t2")
    assert book.state.next_striker == "t2"
    book.comes_in("t3")
    book.out("run out", player="t2", bat=1, next="new")
    assert book.state.next_striker == "new"


def test_a_run_out_is_taken_to_be_at_the_end_the_batter_ran_to(book):
    book.out("run out")  # the striker, on the first run: the other batter has crossed and faces
    assert book.state.next_striker == "t2"
    book.comes_in("t3")
    book.out("run out", bat=1)  # on the second run
    assert book.state.next_striker == "new"


def test_a_run_out_on_the_second_run_counts_the_first(book):
    book.out("run out", bat=1, fielders=[{"key": "a4"}])
    assert book.innings.runs == 1 and book.innings.batting["t1"].runs == 1 and book.innings.fow[0].score == 1


def test_a_batter_may_be_exchanged_before_a_ball(book):
    book.out()
    book.comes_in("t3")
    book.add("batters", striker="t5", non_striker="t2")
    assert list(book.innings.batting) == ["t1", "t2", "t5"] and "t3" in book.state.can_bat()
    book.ball()
    refused(book, "BATTER_IN", "batters", striker="t6", non_striker="t2")


def test_a_batter_who_retires_hurt_may_return(book):
    book.ball(4)
    book.add("wicket", player="t1", kind="retired hurt")
    innings = book.innings
    assert innings.wickets == 0 and innings.unavailable == 1 and innings.batting["t1"].how == "retired hurt"
    assert innings.partnerships[0].ended == "retired hurt"
    book.comes_in("t3")
    book.balls(0, 1)
    book.out("bowled", player="t2")
    assert "t1" in book.state.can_bat()
    book.comes_in("t1")
    book.ball(2)
    assert innings.batting["t1"].runs == 6 and innings.batting["t1"].how == "not out" and innings.unavailable == 0


def test_timed_out_and_absent(book):
    book.out()
    book.add("wicket", player="t3", kind="timed out")
    assert book.innings.wickets == 2 and book.innings.batting["t3"].how == "timed out"
    book.add("absent", player="t11")
    assert book.innings.batting["t11"].how == "absent hurt" and book.innings.unavailable == 1
    assert not {"t3", "t11"} & set(book.state.can_bat())
    refused(book, "EVENT_IMPOSSIBLE", "absent", player="t2")


def test_a_batter_back_before_another_ball_goes_on_with_the_partnership(book):
    book.ball(4)
    book.add("wicket", player="t1", kind="retired hurt")
    assert book.innings.partnerships[0].ended == "retired hurt"
    book.comes_in("t1")
    book.ball(2)
    assert [(stand.runs, stand.ended) for stand in book.innings.partnerships] == [(6, None)]


def test_two_wickets_on_one_ball(book):
    book.ball(
        wickets=[{"kind": "caught", "player": "t1", "fielders": [{"key": "a2"}]}, {"kind": "timed out", "player": "t3"}]
    )
    assert [fall.player for fall in book.innings.fow] == ["t1", "t3"]
    assert book.innings.partnerships[0].ended == "wicket"


def test_all_out_counts_who_cannot_bat():
    book = Book(format="T20", overs=20).start()
    book.add("absent", player="t11")
    for n in range(3, 11):
        book.out(next="new")
        if book.innings.over_due:
            book.add("over_end")
            book.add("bowler", bowler="a10")
        book.comes_in(f"t{n}")
    assert not book.innings.all_out
    book.out()
    assert book.innings.wickets == 9 and book.innings.all_out and book.state.due == "innings"
    refused(book, "BATTER_OUT", "batters", striker="t11", non_striker="t2")


def test_partnerships_hold_extras_and_end_with_their_pair(book):
    book.balls(1, 4)
    book.ball(extras={"wides": 2})
    book.out()
    stand = book.innings.partnerships[0]
    assert (stand.runs, stand.balls, stand.by, stand.ended) == (7, 3, {"t1": 1, "t2": 4}, "wicket")


# Replacements


def test_a_substitute_takes_the_place_and_the_replaced_player_takes_no_more_part(book):
    book.add(
        "replacement", team=TERNS, **{"in": "t12"}, name="T 12", out="t5", reason="concussion_substitute", type="match"
    )
    assert "t12" in book.state.can_bat() and "t5" not in book.state.can_bat()
    book.out()
    refused(book, "PLAYER_REPLACED", "batters", striker="t5", non_striker="t2")
    book.comes_in("t12")
    assert book.innings.batting["t12"].name == "T 12"


def test_a_bowler_replaced_within_an_over(book):
    book.balls(0, 0)
    book.add("replacement", team=AVOCETS, **{"in": "a9"}, out="a11", reason="injury", type="role", role="bowler")
    assert book.innings.bowler == "a9"
    book.ball()
    assert book.innings.overs[0].bowlers == ["a11", "a9"]


def test_a_batter_replaced_for_a_while_returns(book):
    book.ball(2)
    book.add("replacement", team=TERNS, **{"in": "t3"}, out="t1", reason="injury", type="role", role="batter")
    assert book.innings.unavailable == 0 and "t1" in book.state.can_bat()
    book.comes_in("t3")
    book.ball()
    assert [stand.ended for stand in book.innings.partnerships] == [None, None]


# What cannot be


@pytest.mark.parametrize(
    "code, change",
    [
        ("BATTERS_SAME", {"non_striker": "t1"}),
        ("BATTER_UNKNOWN", {"striker": "a5"}),
        ("BATTER_IN", {"striker": "t5"}),
        ("BOWLER_UNKNOWN", {"bowler": "t5"}),
        ("RUNS", {"bat": -1}),
        ("RUNS", {"bat": 9}),
        ("PENALTY", {"extras": {"penalty": 3}}),
        ("WIDE_AND_NO_BALL", {"extras": {"wides": 1, "noballs": 1}}),
        ("WIDE_RUNS", {"bat": 1, "extras": {"wides": 1}}),
        ("BYES_AND_LEG_BYES", {"extras": {"byes": 1, "legbyes": 1}}),
        ("BAT_AND_BYES", {"bat": 1, "extras": {"byes": 1}}),
        ("WICKET_STRIKER", {"wickets": [{"kind": "bowled", "player": "t2"}]}),
        ("WICKET_WHO", {"wickets": [{"kind": "run out", "player": "t7"}]}),
        ("WICKET_NO_BALL", {"extras": {"noballs": 1}, "wickets": [{"kind": "bowled", "player": "t1"}]}),
        ("WICKET_WIDE", {"extras": {"wides": 1}, "wickets": [{"kind": "caught", "player": "t1"}]}),
        ("EVENT_SHAPE", {"bat": "4"}),
        ("EVENT_SHAPE", {"bat": True}),
        ("EVENT_SHAPE", {"speed": 140}),
        ("EVENT_SHAPE", {"wickets": [{"kind": "eaten", "player": "t1"}]}),
    ],
)
def test_a_delivery_that_cannot_be_is_refused(book, code, change):
    book.ball()
    refused(book, code, "delivery", **{"striker": "t1", "non_striker": "t2", "bowler": "a11", "bat": 0, **change})


def test_a_batter_who_is_out_does_not_bat_again(book):
    book.out()
    sentence = refused(book, "BATTER_OUT", "delivery", striker="t1", non_striker="t2", bowler="a11", bat=0)
    assert sentence == "T 1 is already out."


def test_order_of_play_is_kept(book):
    refused(book, "EVENT_IMPOSSIBLE", "innings_start", team=AVOCETS)  # the innings goes on
    book.ball()
    book.end("no further play")
    refused(book, "EVENT_IMPOSSIBLE", "delivery", striker="t1", non_striker="t2", bowler="a11", bat=0)
    refused(book, "EVENT_IMPOSSIBLE", "innings_start", team=TERNS)
    refused(book, "EVENT_IMPOSSIBLE", "innings_start", team=AVOCETS, super_over=True)
    refused(book, "EVENT_IMPOSSIBLE", "over_end")
    book.add("match_end")
    refused(book, "EVENT_IMPOSSIBLE", "match_end")


def test_an_unknown_kind_is_refused(book):
    refused(book, "EVENT_KIND", "streaker")
    with pytest.raises(Impossible):
        check_event(["delivery"], {})


def test_the_lenient_fold_reads_on_and_remembers(book):
    book.out()
    log = [*book.log, Event(99, "odd", "delivery", {"striker": "t1", "non_striker": "t2", "bowler": "a11", "bat": 4})]
    state = fold(log)
    assert state.problems == [("odd", "T 1 is already out.")] and state.innings[0].runs == 4


# Undo, correction, restart


def test_undo_takes_everything_back(book):
    before = fold(book.log)
    key = book.out("caught", fielders=[{"key": "a3"}])
    undo = book.undo(key)
    assert book.state == before
    book.undo(undo)  # a redo
    assert book.state.innings[0].wickets == 1
    refused(book, "UNDO_TWICE", "undo", of=undo)
    refused(book, "UNDO_UNKNOWN", "undo", of="nothing")


def test_a_corrected_ball_changes_all_that_follows(book):
    key = book.ball(1)
    book.ball(4)
    old = book.log[-2].body
    book.correct({"of": key, "body": {**old, "bat": 3}})
    assert book.innings.runs == 7 and book.innings.batting["t1"].runs == 3
    refused(book, "UNDO_CORRECTED", "undo", of=key)
    book.undo(book.log[-1].key)
    assert book.innings.runs == 5


def test_balls_are_inserted_and_deleted(book):
    first = book.ball(1)
    second = book.ball(2)
    ball = {"striker": "t2", "non_striker": "t1", "bowler": "a11", "bat": 6}
    book.correct({"before": second, "key": "new", "kind": "delivery", "body": ball}, {"of": first, "delete": True})
    assert [b.key for b in book.innings.overs[0].balls] == ["new", second] and book.innings.runs == 8
    refused(book, "CORRECTION_UNKNOWN", "correction", changes=[{"of": first, "delete": True}])
    refused(
        book,
        "CORRECTION_KEY",
        "correction",
        changes=[{"before": second, "key": "new", "kind": "delivery", "body": ball}],
    )
    refused(book, "UNDO_UNKNOWN", "undo", of="new")


def test_a_correction_that_makes_what_follows_impossible_is_refused(book):
    key = book.ball(1)
    book.ball(1)
    out = {**book.log[-2].body, "wickets": [{"kind": "bowled", "player": "t1"}], "bat": 0}
    sentence = refused(book, "EVENT_FOLLOWING", "correction", changes=[{"of": key, "body": out}])
    assert "T 1 is already out." in sentence


def test_an_innings_is_un_ended_only_while_no_other_has_begun(book):
    book.ball(1)
    book.end("no further play")
    ended = book.log[-1].key
    book.undo(ended)
    assert book.state.current is not None
    book.undo(book.log[-1].key)
    book.start(AVOCETS)
    refused(book, "EVENT_FOLLOWING", "undo", of=ended)


def test_restart_forgets_what_was_before(book):
    book.ball(4)
    book.add("restart")
    assert not book.state.innings and effective(book.log) == []


def test_a_repeated_key_counts_once(book):
    book.ball(4)
    book.state.apply(book.log[-1], strict=True)
    assert book.innings.runs == 4 and fold([*book.log, book.log[-1]]).innings[0].runs == 4


# What else is written down


def test_reviews_powerplays_notes_and_people(book):
    book.add("officials", umpires=["One", "Two"])
    book.add("powerplay", type="mandatory", **{"from": "0.1", "to": "0.6"})
    key = book.ball(review={"by": AVOCETS, "batter": "t1", "decision": "struck down", "umpires_call": True})
    book.add("note", text="Close.", of=key)
    innings = book.innings
    assert innings.reviews[0]["label"] == "0.1" and innings.powerplays[0]["to"] == "0.6"
    assert innings.overs[0].balls[0].note == "Close." and book.state.officials["umpires"] == ["One", "Two"]


def test_a_later_line_up_gives_new_names(book):
    book.out()
    players = [{"key": f"a{n}", "name": f"Avocet {n}"} for n in range(1, 12)]
    book.add("lineup", team=AVOCETS, players=players)
    assert book.innings.batting["t1"].how == "b Avocet 11" and book.innings.bowling["a11"].name == "Avocet 11"
    refused(book, "EVENT_IMPOSSIBLE", "lineup", team=TERNS, players=players)


@pytest.mark.parametrize("faces", ["nobody", "t1", "t5"])
def test_who_faces_next_is_somebody_at_the_wicket_or_new(book, faces):
    """A striker who is not there would stop the next ball."""
    with pytest.raises(Impossible) as refused:
        book.out(next=faces)
    assert refused.value.code == "NEXT_BATTER" and book.innings.wickets == 0
    ball = Event(
        99, "odd", "delivery", {"striker": "t1", "non_striker": "t2", "bowler": "a11", "bat": 0, "next": faces}
    )
    ball.body["wickets"] = [{"kind": "bowled", "player": "t1"}]
    after = Event(100, "after", "delivery", {"striker": "t3", "non_striker": "t2", "bowler": "a11", "bat": 1})
    state = fold([*book.log, ball, after])
    assert [key for key, _ in state.problems] == ["odd"] and state.innings[0].runs == 1


def test_no_name_in_a_setup_holds_what_the_database_cannot_keep():
    for more in ({"a\0": 1}, {"colours": {"\ud800": "red"}}):
        with pytest.raises(Impossible):
            Book(**more)


def test_an_innings_from_paper_has_no_more_wickets_than_batters(book):
    book.over().end()
    card = {"team": AVOCETS, "runs": 5, "wickets": 11, "overs": "3", "batting": [], "bowling": []}
    with pytest.raises(Impossible):
        book.add("innings_card", **card)
    book.add("innings_card", **{**card, "wickets": 10})
