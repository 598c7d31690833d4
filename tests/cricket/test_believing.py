"""What a file states of its result: believed where some par score allows it, flagged where none does."""

import pytest

from cricket.cricsheet import match_file
from tests.cricket.test_cricsheet import ball, document, raw, whole

TERNS, AVOCETS = "Terns", "Avocets"


def innings(mark, overs, runs, wickets):
    """Overs of six balls each: the wickets first, and the runs in sixes on the last balls; all out, the other way."""
    other = "A" if mark == "T" else "T"
    sixes, rest = divmod(runs, 6)
    hits = [6] * sixes + [rest] * (rest > 0)
    quiet = overs * 6 - len(hits)
    balls, batter = [], 1
    for at, bat in enumerate(hits + [0] * quiet if wickets == 10 else [0] * quiet + hits):
        balls.append(ball(f"{mark} {batter}", f"{mark} {11 if batter < 11 else 10}", f"{other} 9", bat))
        if at >= overs * 6 - wickets if wickets == 10 else at < wickets:
            balls[-1]["wickets"] = [{"kind": "bowled", "player_out": f"{mark} {batter}"}]
            batter += 1
    return [balls[at : at + 6] for at in range(0, len(balls), 6)]


def verdict(first, second, outcome, target=None, **info):
    """The verdict on a match of two innings, each (overs, runs, wickets); the target as the file has it."""
    file = document(innings("T", *first), innings("A", *second), outcome=outcome, **info)
    if target:
        file["innings"][1]["target"] = target
    return match_file.verdict(*whole(raw(file)))


def won(team, method=None, **by):
    return {"winner": team, **({"by": by} if by else {}), **({"method": method} if method else {})}


FULL = {"runs": 151, "overs": 20}
BELIEVED = {
    "behind the par when rain came": ((20, 150, 5), (15, 90, 3), won(TERNS, "D/L", runs=28), FULL),
    "ahead of the par when rain came": ((20, 150, 5), (15, 120, 3), won(AVOCETS, "D/L", runs=8), FULL),
    "level with the par": ((20, 150, 5), (15, 120, 3), {"result": "tie", "method": "D/L"}, FULL),
    "past a par on the last ball": ((20, 150, 5), (8, 96, 3), won(AVOCETS, "D/L", runs=6), {"runs": 91, "overs": 8}),
    "no target in the file": ((20, 119, 8), (7, 42, 4), won(TERNS, "VJD", runs=1), None),
    "no target in the file, the margin ours": ((20, 150, 5), (9, 60, 3), won(TERNS, "D/L", runs=90), None),
    "a target lowered once more": ((20, 150, 5), (10, 90, 3), won(AVOCETS, "D/L", wickets=7), FULL),
    "no margin": ((20, 150, 5), (15, 90, 3), won(TERNS, "D/L"), FULL),
    "shortened to eighteen overs, no method, no target": ((18, 150, 5), (18, 120, 3), won(TERNS, runs=30), None),
    "only the chase was shortened": ((20, 150, 5), (15, 120, 3), won(AVOCETS, wickets=7), None),
    "shortened, and all out in it": ((18, 150, 5), (10, 120, 10), won(TERNS, runs=20), None),
    "a target without overs": ((18, 150, 5), (18, 120, 3), won(TERNS, runs=30), {"runs": 151}),
    "a tie, and no super over in the file": ((20, 150, 5), (20, 150, 3), {"result": "tie", "eliminator": TERNS}, FULL),
    "awarded": ((20, 150, 5), (20, 150, 3), won(TERNS, "Awarded"), FULL),
}  # fmt: skip
VERIFIED = {
    "a revised target reached": ((20, 150, 5), (9, 90, 3), won(AVOCETS, "D/L", wickets=7), {"runs": 90, "overs": 10}),
    "a revised target missed": ((20, 150, 5), (10, 60, 3), won(TERNS, "D/L", runs=29), {"runs": 90, "overs": 10}),
    "fewer wickets lost": ((20, 150, 5), (20, 150, 7), won(TERNS, "Lost fewer wickets"), FULL),
    "no target, all overs": ((20, 150, 5), (20, 140, 3), won(TERNS, runs=10), None),
    "no target, reached": ((20, 150, 5), (15, 151, 3), won(AVOCETS, wickets=7), None),
    "no result": ((20, 150, 5), (4, 14, 3), {"result": "no result"}, FULL),
}
CONTRADICTORY = {
    "A margin of 61 runs means a par score of 151, above the target of 151.":
        ((20, 150, 5), (15, 90, 3), won(TERNS, "D/L", runs=61), FULL),
    "Avocets ended 60 runs behind, not 28.": ((20, 150, 5), (15, 90, 10), won(TERNS, "D/L", runs=28), FULL),
    "Avocets ended 50 runs behind, not 28.": ((20, 150, 5), (20, 100, 3), won(TERNS, "D/L", runs=28), FULL),
    "Avocets ended 50 runs behind, not 0.": ((20, 150, 5), (20, 100, 3), {"result": "tie", "method": "D/L"}, FULL),
    "Avocets reached the target of 151.": ((20, 150, 5), (15, 152, 3), won(TERNS, "D/L", runs=8), FULL),
    "Avocets ended below the target of 151 and cannot have won.":
        ((20, 150, 5), (15, 90, 10), won(AVOCETS, "D/L", runs=8), FULL),
    "Avocets made 90 and cannot have been 91 runs ahead of a par score.":
        ((20, 150, 5), (15, 90, 3), won(AVOCETS, "D/L", runs=91), FULL),
    "Avocets had 7 wickets left, not 6.": ((20, 150, 5), (15, 90, 3), won(AVOCETS, "D/L", wickets=6), None),
    "Terns batted first and can have won by runs alone.":
        ((20, 150, 5), (15, 90, 3), won(TERNS, "D/L", wickets=6), FULL),
    "Avocets did not lose fewer wickets.": ((20, 150, 5), (20, 150, 7), won(AVOCETS, "Lost fewer wickets"), FULL),
    "margin: stated {'runs': 11}, derived {'runs': 10}": ((20, 150, 5), (20, 140, 3), won(TERNS, runs=11), None),
    "winner: stated Terns won by 30 runs, derived Match not completed":
        ((20, 150, 5), (15, 120, 3), won(TERNS, runs=30), FULL),
    "winner: stated Match tied (Terns won the super over), derived Terns won by 10 runs":
        ((20, 150, 5), (20, 140, 3), {"result": "tie", "eliminator": TERNS}, FULL),
}  # fmt: skip


@pytest.mark.parametrize("name", BELIEVED)
def test_a_result_that_can_be_is_believed(name):
    found, reasons = verdict(*BELIEVED[name])
    assert found == "as stated" and len(reasons) == 1 and reasons[0].endswith(".") and "{" not in reasons[0]


@pytest.mark.parametrize("name", VERIFIED)
def test_a_result_that_the_balls_give_is_verified(name):
    assert verdict(*VERIFIED[name]) == ("verified", [])


@pytest.mark.parametrize("reason", CONTRADICTORY)
def test_a_result_that_cannot_be_stays_flagged(reason):
    found, reasons = verdict(*CONTRADICTORY[reason])
    assert found == "inconsistent" and reasons[0] == reason


@pytest.mark.parametrize(("team", "found"), [(TERNS, "verified"), (AVOCETS, "inconsistent")])
def test_a_drawn_match_is_won_by_who_led_on_first_innings(team, found):
    outcome = {"result": "draw", "winner": team, "method": "1st innings score"}
    file = document(innings("T", 20, 150, 10), innings("A", 20, 140, 10), outcome=outcome, match_type="MDM")
    del file["info"]["overs"]
    assert match_file.verdict(*whole(raw(file)))[0] == found
