"""The board: what a match shows, its patches, its sentences, and its twin in the browser."""

import json
import random
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cricket.board.charts import charts
from cricket.board.commentary import token
from cricket.board.document import before, board, status, summary
from cricket.board.patch import apply_patch, diff, merge, merge_diff, size
from cricket.board.view import SHOWS, commentary, spoken, view
from cricket.cricsheet.match_file import export, read
from cricket.engine.scoring import MatchState, fold
from tests.conftest import SHARED
from tests.cricket.laws.crease import lose, one_retired
from tests.cricket.laws.super_overs import first_pair
from tests.support.scorebook import AVOCETS, TERNS, Book

MATCHES = sorted((SHARED / "cricsheet/matches").glob("*.json")) if SHARED.is_dir() else []
SCRIPTS = Path(__file__).resolve().parents[2] / "static/js"
needs_corpus = pytest.mark.skipif(not MATCHES, reason="the real matches are not beside this checkout")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")


def node(script, value):
    """Run an ES module that finds its input in `input` and the scripts under `scripts`, and prints JSON."""
    head = f'import fs from "node:fs"; const input = JSON.parse(fs.readFileSync(0)); const scripts = "{SCRIPTS}";'
    done = subprocess.run(
        ["node", "--input-type=module", "-e", head + script],
        input=json.dumps(value),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def book():
    return Book(overs=2).start()


def last_ball(book):
    return board(book.state)["innings"][-1]["overs"][-1]["balls"][-1]


# --- patches --------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=2), inner, max_size=5),
    max_leaves=25,
)
DOCUMENTS = st.dictionaries(st.text(max_size=2), JSON, max_size=6)


@given(DOCUMENTS, DOCUMENTS)
def test_a_patch_leads_from_any_document_to_any_other(old, new):
    before = deepcopy(old)
    patch = json.loads(json.dumps(diff(old, new)))
    assert apply_patch(deepcopy(old), patch) == new and old == before
    assert diff(new, deepcopy(new)) == []


@given(DOCUMENTS, DOCUMENTS)
def test_a_merge_patch_leads_from_any_document_without_null_to_any_other(old, new):
    old, new = whole(old), whole(new)
    before = deepcopy(old)
    patch = json.loads(json.dumps(merge_diff(old, new)))
    assert merge(deepcopy(old), patch) == new and old == before
    assert merge_diff(new, deepcopy(new)) == {}


def whole(value):
    """The value with its nulls outside of lists made words, for a merge patch cannot set them."""
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    return "null" if value is None else value


@needs_node
def test_the_browser_applies_the_same_patches():
    made = random.Random(7)

    def value(depth=3):
        if depth == 0 or made.random() < 0.4:
            return made.choice([1, 2, "a", "é", ""])
        if made.random() < 0.5:
            return [value(depth - 1) for _ in range(made.randrange(4))]
        return {made.choice("abcd"): value(depth - 1) for _ in range(made.randrange(4))}

    pairs = [({"x": value(), "y": value()}, {"x": value(), "z": value()}) for _ in range(300)]
    script = """
      const { merge } = await import(`${scripts}/patch.js`);
      console.log(JSON.stringify(input.map(([old, patch]) => merge(old, patch))));"""
    assert node(script, [[old, merge_diff(old, new)] for old, new in pairs]) == [new for _, new in pairs]


def test_a_patch_for_another_document_is_refused():
    with pytest.raises(LookupError):
        apply_patch({"a": {}}, [[["b", "c"], 1]])


# --- the whole corpus -----------------------------------------------------------------------------


def prefixes(events):
    """The board after every event, as the live path makes them."""
    state = MatchState()
    for event in events:
        yield event, board(state.apply(event))


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize("path", MATCHES, ids=lambda path: path.stem)
def test_patches_lead_through_a_real_match(path):
    events = read(path.read_bytes(), path.stem).events
    made, document, before, sizes, patches = random.Random(path.stem), None, None, [], []
    seen, shown, view_sizes = None, None, []
    afresh = set(made.sample(range(len(events)), min(4, len(events)))) | {len(events) - 1}
    for place, (event, drawn) in enumerate(prefixes(events)):
        if document is None:
            document, seen = json.loads(json.dumps(drawn)), view(drawn)
            shown, first = deepcopy(seen), deepcopy(seen)
        else:
            patch, now = diff(before, drawn), view(drawn)
            patches.append(merge_diff(shown, now))
            if event.kind == "delivery":
                sizes.append(size(patch))
                view_sizes.append(size(patches[-1]))
            apply_patch(document, patch)
            merge(seen, patches[-1])
            assert document == drawn and seen == now, event
            shown = now
        if place in afresh:
            assert drawn == board(fold(events[: place + 1])), "the incremental board is not the board of the fold"
        before = drawn
    sizes.sort()
    if sizes:
        assert sizes[len(sizes) // 2] < 750 and sizes[-1] < 4000, (sizes[len(sizes) // 2], sizes[-1])
        view_sizes.sort()
        assert view_sizes[len(view_sizes) // 2] < 900 and view_sizes[-1] < 6000, (
            view_sizes[len(view_sizes) // 2],
            view_sizes[-1],
        )
    if shutil.which("node") and made.random() < 0.15:
        script = """
          const { merge } = await import(`${scripts}/patch.js`);
          console.log(JSON.stringify(input.patches.reduce(merge, input.first)));"""
        assert node(script, {"first": first, "patches": patches}) == seen


@needs_corpus
@needs_node
def test_the_browser_tells_the_same_balls():
    made, cases = random.Random(3), []
    for path in made.sample(MATCHES, 14):
        events = read(path.read_bytes(), path.stem).events
        for cut in {len(events), *(made.randrange(3, len(events)) for _ in range(3))}:
            drawn = view(board(fold(events[:cut]), {"replay": cut % 2 == 0}))
            for show, overs in ((made.choice(SHOWS), 4), ("all", 0), ("all", 4)):
                cases.append([drawn, show, overs])
    script = """
      const { linesOf } = await import(`${scripts}/match_lines.js`);
      console.log(JSON.stringify(input.map((each) => linesOf(...each))));"""
    for case, found in zip(cases, node(script, cases), strict=True):
        assert found == json.loads(json.dumps(commentary(*case)))


# --- what is so -----------------------------------------------------------------------------------


def test_the_status_says_what_is_needed():
    book = Book(overs=2)
    assert status(book.state) == "The line-ups are in"
    book.add("toss", winner=AVOCETS, decision="field")
    assert status(book.state) == "Swan Avocets won the toss and chose to field"
    book.start().over(1, 1, 4, 0, 0, 6).over(*[0] * 6, bowler="a10")
    book.end()
    assert status(book.state) == "Innings break. Swan Avocets need 13 to win"
    book.start(AVOCETS).balls(4, 4)
    assert status(book.state) == "Swan Avocets need 5 from 10 balls"
    book.ball(4)
    assert status(book.state) == "Swan Avocets need 1 from 9 balls, the scores are level"
    book.add("break", reason="rain")
    assert status(book.state) == "Rain has stopped play. Swan Avocets need 1 from 9 balls, the scores are level"
    book.add("resume")
    book.ball(1)
    book.add("match_end", player_of_match=["a1"])
    drawn = board(book.state)
    assert drawn["status"] == "Swan Avocets won by 10 wickets" == drawn["say"] and drawn["phase"] == "over"
    assert drawn["info"]["best"] == ["A 1"]


def test_an_innings_match_tells_who_leads():
    book = Book(overs=None, innings=4)
    book.start().over(4, 4, 4, 4, 0, 0)
    book.end("declared")
    book.start(AVOCETS).over(1, 0, 0, 0, 0, 0)
    assert "trail by 15" in status(book.state)
    drawn = board(book.state)
    assert [one["which"] for one in drawn["innings"]] == ["1st innings", "1st innings"]
    assert drawn["innings"][0]["score"] == "16/0 dec" and not drawn["now"]["proj"]


def test_the_hundred_counts_balls():
    book = Book(overs=20, balls_per_over=5, balls_per_end=10).start()
    book.balls(0, 0, 0, 0, 0)
    book.add("over_end")
    book.balls(1, 1)
    drawn = board(book.state)
    seen = view(drawn)
    assert drawn["unit"] == "ball" and drawn["innings"][0]["bowled"] == "7" and drawn["innings"][0]["limit"] == "100"
    assert [one["n"] for one in commentary(seen)[0]] == ["7", "6", "After 5 balls", "5", "4", "3", "2", "1"]
    assert seen["over"]["title"] == "This set, 2 runs" and len(seen["over"]["balls"]) == 5


def test_a_bowler_who_was_taken_off_is_told_of(book):
    book.balls(4, 1)
    book.add("suspension", player="a11", reason="high full tosses")
    off = board(book.state)
    assert off["innings"][0]["bowling"][0]["off"] == "taken off: high full tosses"
    assert commentary(view(off))[0][0]["note"] == "A 11 is taken off: high full tosses."
    book.add("bowler", bowler="a10")
    book.add("note", text="A long talk.", of=book.log[-3].key)
    book.ball()
    seen = view(board(book.state))
    assert [line.get("note") for line in commentary(seen)[0]] == [
        None,
        "A 11 is taken off: high full tosses. A long talk.",
        None,
    ]
    assert [one["more"] for one in seen["bowl"].values()] == ["econ 0.00", "econ 15.00 · taken off: high full tosses"]
    book.end("declared").add("match_end")
    document = export(book.state, book.log, {"dates": ["2031-01-01"]})
    again = fold(read(json.dumps(document).encode(), "off").events)
    assert board(again)["innings"][0]["bowling"][0]["off"] == "taken off: high full tosses"
    assert not again.problems


def test_the_header_shows_who_is_in(book):
    book.balls(4, 1, 0)
    seen = view(board(book.state))
    bat = [(one["name"], one["runs"], bool(one["on"])) for one in seen["bat"].values()]
    assert sorted(bat, key=lambda one: not one[2]) == [("T 2", "0", True), ("T 1", "5", False)]
    bowler = seen["bowl"]["0"]
    assert f"{bowler['w']}/{bowler['r']}" == "0/5" and seen["stand"].startswith("5 (3): ")
    assert [one["t"] for one in seen["over"]["balls"].values()] == ["4", "1", "•", "", "", ""]
    assert {one["k"]: one["v"] for one in seen["rates"].values()} == {"Run rate": "10.00", "Balls left": "9"}


def test_totals_are_projected_at_three_rates():
    book = Book(overs=20).start().over(1, 1, 1, 1, 1, 1)
    assert board(book.state)["now"]["proj"] == [["6.00", 120], ["7", 139], ["9", 177]]


def test_a_super_over_has_its_own_card():
    book = Book(overs=1).start().over(1, 0, 0, 0, 0, 0)
    book.end()
    book.start(AVOCETS).over(1, 0, 0, 0, 0, 0)
    book.end()
    book.start(AVOCETS, super_over=True).balls(6)
    drawn = board(book.state)
    assert drawn["innings"][2]["super"] and drawn["innings"][2]["which"] == "Super over"
    assert summary(book.state)["scores"][2]["super"] and len(charts(drawn)[0]["head"]) == 3


def test_a_second_super_over_is_numbered_and_leaves_out_who_was_out():
    book = first_pair()
    book.start(TERNS, striker="t3", super_over=True).ball(6)
    drawn = board(book.state)
    assert [inn["which"] for inn in drawn["innings"]] == ["", "", "Super over 1", "Super over 1", "Super over 2"]
    assert drawn["innings"][4]["yet"].split(", ") == [f"T {n}" for n in range(4, 12)]
    over = view(drawn)["cards"]["3"]["overs"]["0"]
    assert over["n"] == "1" and over["end"]["n"] == "End of over 1" and over["lines"]["0"]["n"] == "0.1"


def test_a_side_all_out_with_one_who_cannot_bat_says_how_many_are_down():
    book = lose(one_retired(), 9)
    book.end("all out")
    assert summary(book.state)["scores"][0]["text"] == "0/9"
    assert view(board(book.state))["cards"]["0"]["score"] == "0/9"
    book.start(AVOCETS)
    book.out("caught", fielders=[{"key": "t11"}])
    line = view(board(book.state))["cards"]["1"]["overs"]["0"]["lines"]["0"]
    assert line["out"] == "A 1 c & b T 11 0 (1)" and "T 11 takes the return catch" in line["x"]


def test_a_summary_is_small_and_says_the_score(book):
    book.balls(4, 6)
    told = summary(book.state)
    assert told["scores"] == [{"team": 0, "short": "Harbour Terns", "text": "10/0", "overs": "0.2"}]
    assert told["phase"] == "live" and told["at"] == TERNS and told["result"] is None and size(told) < 400


def test_a_card_from_paper_has_no_balls():
    book = Book(overs=2)
    book.add(
        "innings_card",
        team=TERNS,
        runs=20,
        wickets=1,
        overs="2",
        batting=[{"player": "t1", "runs": 12}, {"player": "t2", "runs": 8}],
        bowling=[{"player": "a11", "overs": "2", "maidens": 0, "runs": 20, "wickets": 0}],
    )
    drawn = board(book.state)
    seen = view(drawn)
    assert (
        drawn["innings"][0]["card"]
        and charts(drawn) == []
        and commentary(seen)[0] == []
        and seen["cards"]["0"]["score"] == "20/1"
    )


def test_undo_and_correction_come_to_the_board_of_the_fold(book):
    book.balls(1, 2)
    six = book.ball(6)
    book.correct({"of": six, "body": {**next(e.body for e in book.log if e.key == six), "bat": 4}})
    drawn = board(book.state)
    assert drawn == board(book.folded()) and drawn["innings"][0]["score"] == "7/0" and last_ball(book)["t"] == "4"
    book.undo(book.ball(1))
    assert board(book.state) == {**drawn, "seq": book.state.seq}


def test_a_note_belongs_to_its_ball_however_late(book):
    key = book.ball(4)
    book.balls(1)
    book.add("note", text="The ball is changed.", of=key)
    drawn = board(book.state)
    assert drawn["innings"][0]["overs"][0]["balls"][0]["m"] == "The ball is changed." and drawn == board(book.folded())


# --- sentences ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "mark", "words"),
    [
        ({}, "•", "no run."),
        ({"bat": 1}, "1", "1 run."),
        ({"bat": 3}, "3", "3 runs."),
        ({"bat": 4, "non_boundary": True}, "4", "4 runs, all run."),
        ({"extras": {"wides": 1}}, "wd", "wide."),
        ({"extras": {"wides": 5}}, "5wd", "5 wides."),
        ({"extras": {"noballs": 1}}, "nb", "no-ball."),
        ({"bat": 4, "extras": {"noballs": 1}}, "5nb", "no-ball and four off the bat."),
        ({"extras": {"noballs": 1, "byes": 2}}, "3nb", "no-ball and 2 byes."),
        ({"extras": {"byes": 1}}, "1b", "1 bye."),
        ({"extras": {"legbyes": 4}}, "4lb", "4 leg byes."),
        ({"extras": {"penalty": 5}}, "5p", "5 penalty runs."),
    ],
)
def test_every_ball_has_its_words(book, more, mark, words):
    book.ball(**more)
    told = last_ball(book)
    assert told["t"] == mark and told["x"] == f"A 11 to T 1, {words}"


@pytest.mark.parametrize(
    ("kind", "fielders", "words"),
    [
        ("bowled", None, "bowls"),
        ("caught", [{"key": "a3"}], "is caught by"),
        ("caught", [{"key": "a3", "substitute": True}], "by the substitute"),
        ("caught", None, "is caught."),
        ("caught and bowled", None, "takes the return catch"),
        ("lbw", None, "is lbw"),
        ("stumped", [{"key": "a1"}], "is stumped by"),
        ("run out", [{"key": "a4"}, {"key": "a5"}], " and "),
        ("hit wicket", None, "is out hit wicket"),
        ("obstructing the field", None, "obstructing the field"),
        ("handled the ball", None, "handling the ball"),
        ("hit the ball twice", None, "hitting the ball twice"),
        ("retired out", None, "retires, and is out"),
    ],
)
def test_every_dismissal_has_its_sentence(kind, fielders, words):
    book = Book(overs=2, laws="2000").start()
    book.ball(0)
    book.out(kind, **({"fielders": fielders} if fielders else {}))
    told = last_ball(book)
    assert (
        words in told["x"]
        and told["k"] == "w"
        and told["t"] == "W"
        and told["o"].startswith("T 1 ")
        and told["o"].endswith("0 (2)")
    )
    assert board(book.state)["say"] == "Wicket. Harbour Terns 0 for 1."


@pytest.mark.parametrize("kind", ["retired hurt", "retired not out"])
def test_who_retires_is_not_a_wicket(book, kind):
    book.out(kind)
    told = last_ball(book)
    assert (
        "retires" in told["x"]
        and told["t"] == "•"
        and "o" not in told
        and board(book.state)["innings"][0]["score"] == "0/0"
    )


def test_milestones_are_told_once():
    book = Book(overs=50).start()
    for bowler in ("a11", "a10", "a11"):
        book.over(6, 6, 6, 0, 0, 0, bowler=bowler)
        book.add("batters", striker="t1", non_striker="t2")
    said = [one["x"] for over in board(book.state)["innings"][0]["overs"] for one in over["balls"]]
    assert (
        sum("Fifty for" in words for words in said) == 1
        and sum("The stand is worth 50" in words for words in said) == 1
    )
    assert said[14] == "A 11 to T 1, six. Fifty for T 1, off 15 balls. The stand is worth 50, off 15 balls."


def test_a_hat_trick_and_a_first_ball_are_told(book):
    for n in (3, 4):
        book.out("bowled")
        book.comes_in(f"t{n}")
    book.out("bowled")
    said = [one["x"] for one in board(book.state)["innings"][0]["overs"][0]["balls"]]
    assert "First ball." in said[0] and "Two in two balls." in said[1] and "A hat-trick for" in said[2]


def test_the_end_of_an_over_is_summed_up(book):
    book.over(0, 0, 0, 0, 0, 0)
    over = board(book.state)["innings"][0]["overs"][0]
    assert (
        over["e"] == "maiden"
        and over["z"] == [0, 0, 0, 0]
        and board(book.state)["say"] == "End of over 1. Harbour Terns 0 for 0."
    )


def test_a_review_is_told_and_can_be_asked_for(book):
    book.ball(review={"by": 1, "decision": "struck down", "umpires_call": True})
    assert last_ball(book)["r"] == 1 and "the decision stands, on umpire’s call" in last_ball(book)["x"]
    drawn = view(board(book.state))
    assert len(commentary(drawn, "reviews")[0]) == 1 and commentary(drawn, "wickets")[0] == []


def test_names_that_two_share_are_told_whole():
    book = Book(overs=2)
    book.add(
        "lineup",
        team=0,
        players=[
            {"key": "t1", "name": "Ann Marsh"},
            {"key": "t2", "name": "Bea Marsh"},
            {"key": "t3", "name": "Cy de Vane"},
        ],
    )
    book.start().ball(1)
    assert last_ball(book)["x"].split(" to ")[1] == "Ann Marsh, 1 run."


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        *(
            ("•", "no run"),
            ("W", "wicket"),
            ("1W", "1 run and a wicket"),
            ("wd", "wide"),
            ("5wd", "5 wides"),
            ("nb", "no-ball"),
        ),
        *(("1b", "1 bye"), ("4lb", "4 leg byes"), ("6", "6 runs")),
    ],
)
def test_a_ball_is_spoken(mark, words):
    assert spoken(mark) == words


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["0", "1", "4", "6", "wd", "nb", "out", "undo"]), max_size=25))
def test_the_live_board_is_the_board_of_the_fold(balls):
    book = Book(overs=20).start()
    keys, nxt = [], 3
    for kind in balls:
        innings = book.state.current
        if innings.over_due:
            book.add("over_end")
            book.add("bowler", bowler="a10" if innings.overs[-1].bowlers[-1] == "a11" else "a11")
        if None in (innings.striker, innings.non_striker):
            if nxt > 11:
                break
            book.comes_in(f"t{nxt}")
            nxt += 1
        if kind == "undo":
            if keys and book.log[-1].key == keys[-1]:
                book.undo(keys.pop())
        elif kind == "out":
            keys.append(book.out("run out" if innings.free_hit else "bowled"))
        elif kind in ("wd", "nb"):
            keys.append(book.ball(extras={"wides" if kind == "wd" else "noballs": 1}))
        else:
            keys.append(book.ball(int(kind)))
        assert board(book.state) == board(book.folded())


def test_a_free_hit_is_said_until_it_is_bowled_and_of_its_ball(book):
    book.ball(0, extras={"noballs": 1})
    drawn = board(book.state)
    assert drawn["now"]["free"] and view(drawn)["free"] == "Free hit"
    book.ball(4)
    drawn = board(book.state)
    assert not drawn["now"]["free"] and view(drawn)["free"] == ""
    told = last_ball(book)
    assert told["h"] == 1 and told["x"].startswith("A 11 to T 1, free hit: four")
    assert view(drawn)["over"]["balls"]["1"]["say"] == "4 runs, free hit"
    assert "free hit" not in view(drawn)["over"]["balls"]["0"]["say"]


def test_the_info_says_which_laws_a_match_is_played_under(book):
    laws = "2017 Code, 3rd edition (October 2022)"
    assert ["Laws", laws] not in board(book.state)["info"]["rows"]
    for state in (fold(book.log, played="2026-09-30"), Book(laws="2022").state):
        assert ["Laws", laws] in board(state)["info"]["rows"]
    assert before([("A", "A"), ("B", "B")], played="2026-09-30")["info"]["rows"] == [["Laws", laws]]


def test_a_token_shows_the_runs_of_a_wicket_ball(book):
    book.ball(1, wickets=[{"kind": "run out", "player": "t2"}])
    assert token(book.innings.over.balls[-1]) == "1W"
