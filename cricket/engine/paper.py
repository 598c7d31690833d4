"""An innings that was scored on paper: its card, without balls."""

from cricket.engine.deliveries import arrive, as_taken, dismissal_text
from cricket.engine.events import Event
from cricket.engine.innings import CREDITED, NOT_OUT, Bowler, Dismissal, Fall, Innings, balls_of
from cricket.engine.state import MatchRecord


def fill_card(state: MatchRecord, innings: Innings, event: Event) -> None:
    """A finished innings from paper: the lines as written, without balls."""
    body = event.body
    innings.as_card = True
    innings.runs, innings.wickets = body["runs"], body["wickets"]
    innings.card_balls = innings.legal = balls_of(body["overs"], innings.per_over)
    innings.extras.update(body.get("extras") or {})
    for line in body["batting"]:
        batter = arrive(state, innings, line["player"])
        batter.runs, batter.balls = line["runs"], line.get("balls") or 0
        batter.fours, batter.sixes, batter.seen = line.get("fours", 0), line.get("sixes", 0), True
        kind = as_taken(line, line.get("bowler"))["kind"] if line.get("kind") else None
        if kind == "absent hurt":
            batter.state = "absent"
            innings.absent.append(batter.key)
        elif kind in NOT_OUT:
            batter.state, batter.retired = "retired", kind
        elif kind and kind != "not out":
            fielders, bowler = line.get("fielders") or [], line.get("bowler") if kind in CREDITED else None
            batter.state = "out"
            batter.out = Dismissal(kind, bowler, fielders, dismissal_text(state, kind, bowler, fielders))
    for line in body["bowling"]:
        key = line["player"]
        bowler = innings.bowling[key] = Bowler(key, state.names.get(key, key), innings.per_over)
        bowler.whole, bowler.loose = divmod(balls_of(line["overs"], innings.per_over), innings.per_over)
        bowler.legal = bowler.balls
        bowler.runs, bowler.wickets, bowler.maidens = line["runs"], line["wickets"], line["maidens"]
        bowler.wides, bowler.noballs = line.get("wides", 0), line.get("noballs", 0)
    kinds = {batter.key: batter.out.kind for batter in innings.batting.values() if batter.out}
    innings.fow = [
        Fall(n, line["score"], line["player"], line.get("over"), kinds.get(line["player"]))
        for n, line in enumerate(body.get("fow") or [], 1)
    ]
    innings.declared = bool(body.get("declared"))
    innings.was_all_out = bool(body.get("all_out")) or innings.all_out
    innings.ended = (
        "declared" if innings.declared else "all out" if innings.was_all_out else
        "overs complete" if innings.overs_complete else "closed"
    )  # fmt: skip
