"""A scorer's book for tests of the engine: verbs that become events, each applied strictly as the live path does."""

import pytest

from cricket.engine.scoring import Event, Impossible, MatchState, apply, fold

TERNS, AVOCETS = 0, 1


class Book:
    """One match being scored. The Terns are t1 … t11, the Avocets a1 … a11; the Terns bat first unless told."""

    def __init__(self, **settings):
        self.state = MatchState()
        self.log = []
        self.add("setup", teams=["Harbour Terns", "Swan Avocets"], short=["TER", "AVO"], **settings)
        for team, mark in enumerate("ta"):
            self.add(
                "lineup",
                team=team,
                players=[{"key": f"{mark}{n}", "name": f"{mark.upper()} {n}"} for n in range(1, 12)],
            )

    def add(self, event_kind, **body):
        event = Event(len(self.log) + 1, f"k{len(self.log) + 1}", event_kind, body)
        apply(self.state, event, strict=True)
        self.log.append(event)
        return event.key

    def believe(self, event_kind, **body):
        """An event as a file or an old log holds it: read, whatever it says."""
        event = Event(len(self.log) + 1, f"k{len(self.log) + 1}", event_kind, body)
        apply(self.state, event)
        self.log.append(event)
        return event.key

    def start(self, team=TERNS, striker=None, **more):
        """An innings with its openers and a bowler."""
        self.add("innings_start", team=team, **more)
        bat, bowl = ("t", "a") if team == TERNS else ("a", "t")
        self.add("batters", striker=striker or f"{bat}1", non_striker=f"{bat}2")
        self.add("bowler", bowler=f"{bowl}11")
        return self

    def ball(self, bat=0, bowler=None, **more):
        """A delivery to whoever is on strike, by whoever has the ball."""
        innings = self.state.current
        body = {
            "striker": innings.striker,
            "non_striker": innings.non_striker,
            "bowler": bowler or innings.bowler,
            "bat": bat,
        }
        return self.add("delivery", **{**body, **more})

    def balls(self, *runs):
        for bat in runs:
            self.ball(bat)
        return self

    def out(self, kind="bowled", player=None, **more):
        """A wicket on the next ball: the striker's unless named."""
        wicket = {"kind": kind, "player": player or self.state.current.striker}
        if "fielders" in more:
            wicket["fielders"] = more.pop("fielders")
        return self.ball(wickets=[wicket], **more)

    def comes_in(self, player):
        innings = self.state.current
        ends = [innings.striker or player, innings.non_striker or player]
        return self.add("batters", striker=ends[0], non_striker=ends[1])

    def over(self, *runs, bowler=None):
        """A whole over, closed; `bowler` bowls it."""
        if bowler:
            self.add("bowler", bowler=bowler)
        self.balls(*(runs or [0] * self.state.settings.balls_per_over))
        self.add("over_end")
        return self

    def end(self, reason="overs complete"):
        self.add("innings_end", reason=reason)
        return self

    def undo(self, key):
        return self.add("undo", of=key)

    def correct(self, *changes):
        return self.add("correction", changes=list(changes))

    @property
    def innings(self):
        return self.state.innings[-1]

    def folded(self):
        return fold(self.log)


def refused(book, code, event_kind, /, **body):
    """The event is refused with that code and a sentence, and nothing has changed."""
    before = fold(book.log)
    with pytest.raises(Impossible) as refusal:
        book.add(event_kind, **body)
    assert refusal.value.code == code
    assert refusal.value.sentence[0].isupper() or refusal.value.sentence[0] == "“"
    assert refusal.value.sentence.endswith(".")
    assert book.state == before
    return refusal.value.sentence
