"""Scoring in tests: the events of a small match, and a scorer who sends them through the API."""

from dataclasses import dataclass

SETUP = {
    "format": "T20",
    "overs": 2,
    "balls_per_over": 6,
    "balls_per_end": 6,
    "no_ball": 1,
    "wide": 1,
    "innings": 2,
    "players": 11,
    "bowler_limit": None,
    "teams": ["Harbour Terns", "Torrens Herons"],
    "short": ["Terns", "Herons"],
}


def lineup(team, side):
    return (
        "lineup",
        {"team": team, "players": [{"key": f"{side}{n}", "name": f"Player {side.upper()}{n}"} for n in range(1, 12)]},
    )


def opening():
    """Everything before the first ball: the terns (t1 … t11) bat, the herons (h1 … h11) bowl."""
    return [
        ("setup", SETUP),
        lineup(0, "t"),
        lineup(1, "h"),
        ("toss", {"winner": 0, "decision": "bat"}),
        ("innings_start", {"team": 0}),
        ("batters", {"striker": "t1", "non_striker": "t2"}),
        ("bowler", {"bowler": "h11"}),
    ]


def ball(bat=0, striker="t1", non_striker="t2", bowler="h11", **more):
    return ("delivery", {"striker": striker, "non_striker": non_striker, "bowler": bowler, "bat": bat, **more})


def keyed(events, mark="k"):
    """[{"key", "kind", "body"}] of (kind, body) pairs."""
    return [{"key": f"{mark}{n}", "kind": kind, "body": body} for n, (kind, body) in enumerate(events, 1)]


@dataclass
class Scorer:
    """A scorer's browser at one match, with the lock it holds."""

    browser: object
    match: int
    lock: str = ""
    seq: int = 0
    sent: int = 0

    def take(self, knowingly=False):
        page = self.browser.api("POST", f"/api/scorer/matches/{self.match}/lock", {"take": knowingly})
        if page.status == 200:
            self.lock, self.seq = page.json["lock"], page.json["seq"]
        return page

    def send(self, events, after=None):
        """Post events ({"key", "kind", "body"} or (kind, body)); `seq` follows what the server says."""
        if events and isinstance(events[0], tuple):
            events = keyed(events, f"s{self.sent}.")
        self.sent += 1
        page = self.browser.api(
            "POST",
            f"/api/scorer/matches/{self.match}/events",
            {"after": self.seq if after is None else after, "events": events},
            **{"X-Scoring-Lock": self.lock},
        )
        if page.status == 200:
            self.seq = page.json["seq"]
        return page
