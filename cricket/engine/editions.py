"""Which Laws a match is played under, and what differs between them for whoever scores it.

MCC's Laws of Cricket come in codes and their editions. A match's own setting decides; without it the day the match
began does, by which edition was in force. What playing conditions add to the Laws is here where it hangs on a date.
"""

from dataclasses import dataclass

from cricket.engine.sides import Settings


@dataclass(frozen=True, slots=True)
class Edition:
    """`key` is what a set-up holds, `since` the day it came into force (ISO 8601), `words` its name for people."""

    key: str
    since: str
    words: str

    @property
    def handled_the_ball(self) -> bool:
        """Is handling the ball a dismissal of its own? The 2017 Code made it obstructing the field (Law 37.1.2)."""
        return self.key < "2017"

    @property
    def byes_off_a_no_ball(self) -> bool:
        """Are byes off a no-ball byes? Until the 2017 Code they were runs of no-balls (Law 24.13, now 21.16)."""
        return self.key >= "2017"

    @property
    def new_batter_faces(self) -> bool:
        """Does the new batter face after a catch, though the batters crossed (Law 18.11.1, 3rd edition)?"""
        return self.key >= "2022"

    @property
    def last_over_finished(self) -> bool:
        """Is a day's last over finished though a wicket falls in it (Law 12.5.2, 4th edition)?"""
        return self.key >= "2026"

    @property
    def captain_chooses_striker(self) -> bool:
        """Does the fielding captain say who faces after a deliberate short run (Law 18.5, 4th edition)?"""
        return self.key >= "2026"


EDITIONS = (
    Edition("2000", "2000-10-01", "2000 Code"),
    Edition("2017", "2017-10-01", "2017 Code"),
    Edition("2019", "2019-04-01", "2017 Code, 2nd edition (April 2019)"),
    Edition("2022", "2022-10-01", "2017 Code, 3rd edition (October 2022)"),
    Edition("2026", "2026-10-01", "2017 Code, 4th edition (October 2026)"),
)
KEYS = tuple(edition.key for edition in EDITIONS)
NEWEST = EDITIONS[-1]

ALL_NO_BALLS = "2015-07-05"
"""Since this day a free hit follows every no-ball in limited overs (ICC); before it some followed foot faults alone,
which files do not tell apart."""


def known_edition(settings: Settings, played: str | None) -> Edition | None:
    """The edition of a match by its setting, else by the day it began ("2031-01-31", which the set-up may tell better
    than `played`); None where neither says, and for what was played under older Laws than these.
    """
    if settings.laws in KEYS:
        return EDITIONS[KEYS.index(settings.laws)]
    return in_force(settings.date or played)


def in_force(day: str | None) -> Edition | None:
    return next((edition for edition in reversed(EDITIONS) if day and edition.since <= day), None)


def edition_of(settings: Settings, played: str | None) -> Edition:
    """The edition whose rules are asked: the newest where nothing says which, the oldest known for what is older."""
    return known_edition(settings, played) or (EDITIONS[0] if settings.date or played else NEWEST)


def has_free_hits(settings: Settings, played: str | None) -> bool:
    """Is the ball after a no-ball a free hit? As the match says, else in limited overs (ICC conditions, 21.19)."""
    if settings.free_hit is not None:
        return settings.free_hit
    day = settings.date or played
    return settings.overs is not None and settings.innings == 2 and (day is None or day >= ALL_NO_BALLS)
