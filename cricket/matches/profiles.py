"""What a club and a player have done this season, counted from the boards of their matches.

A board knows a player of ours by the key p<id>. Replays are matches of another day told again and practice counts for
nothing; a super over decides a match but is in nobody's figures (ICC playing conditions). A batter who was absent had
no innings; an average needs a dismissal.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select, text
from sqlalchemy.orm import joinedload, selectinload

from caches.responses import bodies
from cricket.board.document import BOARD_VERSION
from cricket.engine import ladder
from cricket.matches.showing import CLUBS, PAUSE, PRACTICE
from extensions import db
from models import Match, Player, Team

SEASON = timedelta(days=300)
INNINGS_SHOWN = 10
FORMATS = ("T20", "Hundred", "ODI", "List A", "First-class", "Test")


@dataclass
class Figures:
    """A player's season in one format. `best` is (wickets, runs) of the best innings with the ball, or None."""

    format: str
    matches: int = 0
    innings: int = 0
    not_out: int = 0
    runs: int = 0
    faced: int = 0
    highest: int = -1
    highest_not_out: bool = False
    bowled: int = 0  # balls
    overs: float = 0.0  # the same in overs, each of its own match's length
    conceded: int = 0
    wickets: int = 0
    best: tuple[int, int] | None = None

    @property
    def average(self) -> str:
        """Runs a dismissal, two places; empty while not dismissed."""
        return f"{self.runs / (self.innings - self.not_out):.2f}" if self.innings > self.not_out else ""

    @property
    def strike_rate(self) -> str:
        return f"{100 * self.runs / self.faced:.1f}" if self.faced else ""

    @property
    def highest_text(self) -> str:
        return f"{self.highest}{'*' if self.highest_not_out else ''}" if self.highest >= 0 else ""

    @property
    def economy(self) -> str:
        """Runs an over of the length that the match had, as on its board: a set of five in The Hundred."""
        return f"{self.conceded / self.overs:.2f}" if self.bowled else ""

    @property
    def best_text(self) -> str:
        return f"{self.best[0]}/{self.best[1]}" if self.best else ""


@dataclass
class Innings:
    """One line of a player's last innings: what was done with the bat or the ball, in words, newest match first."""

    match_id: int
    day: str  # ISO, in the ground's zone
    said: str  # the same for people: 12 Oct 2026
    against: str
    format: str
    bat: list = field(default_factory=list)  # ["34 (21)", …], one an innings
    ball: list = field(default_factory=list)  # ["2/18 (4)", …]


# --- clubs ----------------------------------------------------------------------------------------


def find_team(slug: str) -> Team | None:
    """The Team with its players, or None."""
    return db.session.scalar(select(Team).where(Team.slug == slug).options(selectinload(Team.players)))


class PlayedFixture(Protocol):
    """A match and the summary of its board, as the catalogue's Fixture has them."""

    @property
    def match(self) -> Match: ...
    @property
    def score(self) -> dict[str, Any] | None: ...


def season_ladder(fixtures: Iterable[PlayedFixture]) -> tuple[str | None, list[ladder.Row]]:
    """(competition, rows best first) of the league played last among these fixtures ({match, score} each, any order);
    (None, []).
    """
    leagues = {}
    for one in sorted(fixtures, key=lambda f: (f.match.starts_at, f.match.id)):
        if one.match.source != "replay" and one.match.competition != PRACTICE:
            leagues.setdefault(one.match.competition, []).append(one)
    leagues = {
        n: some
        for n, some in leagues.items()
        if len({t for f in some for t in (f.match.home_team_id, f.match.away_team_id)}) >= CLUBS
    }
    if not leagues:
        return None, []
    name = max(leagues, key=lambda n: leagues[n][-1].match.starts_at)
    season = []
    for one in reversed(leagues[name]):
        if season and season[-1].match.starts_at - one.match.starts_at > PAUSE:
            break
        season.append(one)
    return name, ladder.table([_played(one) for one in reversed(season)])


def _played(fixture: PlayedFixture) -> ladder.Played:
    match = fixture.match
    return ladder.Played(match.home_team, match.away_team, match.state, fixture.score, match.result)


def form_of(team: Team, past: Iterable[PlayedFixture]) -> list[tuple[str, PlayedFixture]]:
    """[(mark, fixture)] of the club's last five matches that count, newest last; a mark is W, L or N."""
    found = []
    for one in past:
        row = next((r for r in ladder.table([_played(one)]) if r.team.id == team.id), None)
        if row is not None and row.form and one.match.source != "replay":
            found.append((row.form[0], one))
    found.sort(key=lambda pair: pair[1].match.starts_at)
    return found[-ladder.FORM :]


# --- players --------------------------------------------------------------------------------------


def find_player(player_id: int) -> Player | None:
    """The Player with the club, or None."""
    return db.session.scalar(select(Player).where(Player.id == player_id).options(joinedload(Player.team)))


def season_of(player: Player, now: datetime | None = None) -> tuple[list[Figures], list[Innings]]:
    """([Figures], one a format) and [Innings] of a player, newest first.

    Counted once for each state of the club's matches.
    """
    since = (now or datetime.now(UTC)) - SEASON
    wanted = {"team": player.team_id, "since": since, "practice": PRACTICE, "key": f"p{player.id}"}
    seen = db.session.execute(
        text(f"select count(*), coalesce(sum(s.seq), 0), max(s.updated_at) {_OF_CLUB}"), wanted
    ).one()
    version = f"{seen[0]}.{seen[1]}.{seen[2].timestamp() if seen[2] else 0}"

    def build() -> bytes:
        rows = db.session.execute(text(_CARDS), wanted).all()
        figures, innings = count_cards(rows)
        return json.dumps({"figures": [asdict(f) for f in figures], "innings": [asdict(i) for i in innings]}).encode()

    told = json.loads(bodies.cached(f"player:{BOARD_VERSION}:{player.id}:{version}", build))
    figures = [Figures(**f) for f in told["figures"]]
    for one in figures:
        one.best = tuple(one.best) if one.best else None
    return figures, [Innings(**i) for i in told["innings"]]


_OF_CLUB = """
    from match m join match_snapshot s on s.match_id = m.id
   where (m.home_team_id = :team or m.away_team_id = :team) and m.starts_at > :since
     and m.source <> 'replay' and m.competition <> :practice"""

# Only the player's own rows leave the database: a whole board is a hundred times as large.
_CARDS = f"""
    select m.id, m.format, coalesce((s.board->>'per')::int, 6) as per,
           (m.starts_at at time zone coalesce((select time_zone from stadium where id = m.stadium_id),
                                              'UTC'))::date as day,
           (select t.short_name from team t
             where t.id = case when m.home_team_id = :team then m.away_team_id else m.home_team_id end) as against,
           jsonb_path_query_array(s.board, '$.innings[*] ? (@.super != true).batting[*] ? (@.key == $key)',
                                  jsonb_build_object('key', cast(:key as text))) as bat,
           jsonb_path_query_array(s.board, '$.innings[*] ? (@.super != true).bowling[*] ? (@.key == $key)',
                                  jsonb_build_object('key', cast(:key as text))) as ball
    {_OF_CLUB}
     and jsonb_path_exists(s.board, '$.teams[*].players[*] ? (@.key == $key)',
                           jsonb_build_object('key', cast(:key as text)))
   order by m.starts_at desc, m.id desc"""


def count_cards(rows: Iterable[Any]) -> tuple[list[Figures], list[Innings]]:
    """(Figures, Innings) of matches, newest first; a row has id, day, format, per, against and a player's rows of the
    board.
    """
    by_format, lines = {}, []
    for row in rows:
        sums = by_format.setdefault(row.format, Figures(row.format))
        line = Innings(row.id, row.day.isoformat(), f"{row.day.day} {row.day:%b %Y}", row.against, row.format)
        sums.matches += 1
        for card in row.bat:
            if card["state"] != "absent":
                line.bat.append(_add_batting(sums, card))
        for card in row.ball:
            line.ball.append(_add_bowling(sums, card, row.per))
        if line.bat or line.ball:
            lines.append(line)
    order = {name: place for place, name in enumerate(FORMATS)}
    return sorted(by_format.values(), key=lambda f: order.get(f.format, len(order))), lines[:INNINGS_SHOWN]


def _add_batting(sums: Figures, card: Mapping[str, Any]) -> str:
    shown, faced = str(card["n"][0]), card["n"][1] or 0
    runs, not_out = int(shown.rstrip("*")), shown.endswith("*")
    sums.innings += 1
    sums.not_out += not_out
    sums.runs += runs
    sums.faced += faced
    if (runs, not_out) > (sums.highest, sums.highest_not_out):
        sums.highest, sums.highest_not_out = runs, not_out
    return f"{shown} ({faced})"


def _add_bowling(sums: Figures, card: Mapping[str, Any], per: int) -> str:
    overs, _, runs, wickets = card["n"][:4]
    balls = balls_of(overs, per)
    sums.bowled += balls
    sums.overs += balls / per
    sums.conceded += runs
    sums.wickets += wickets
    if sums.best is None or (wickets, -runs) > (sums.best[0], -sums.best[1]):
        sums.best = (wickets, runs)
    return f"{wickets}/{runs} ({overs})"


def balls_of(overs: str | int, per: int) -> int:
    """ "3.4" overs of six → 22 balls.

    Where balls are counted and not overs (five to an over) the figure is balls already.
    """
    if per == 5:
        return int(overs)
    whole, _, rest = str(overs).partition(".")
    return int(whole) * per + int(rest or 0)
