"""Live matches: the snapshot of a match's log for the pages, who may write it, replays, and where imported matches come
from.

The log itself is the guide's `match_update` (enhanced_models.py).
"""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.columns import created, moment, one_of, small_id, words

REPLAY_STATES = ("running", "paused", "ended")
VERDICTS = ("verified", "as stated", "inconsistent")


class Venue(db.Model):
    """A ground as imported matches name it; perhaps one of ours."""

    __tablename__ = "venue"
    id: Mapped[small_id]
    name: Mapped[words] = mapped_column(Text, unique=True)
    city: Mapped[words | None]
    stadium_id: Mapped[int | None] = mapped_column(ForeignKey("stadium.id"))


class VenueAlias(db.Model):
    """One spelling of a venue: Cricsheet knows 32 of them for some twenty grounds of one league."""

    __tablename__ = "venue_alias"
    alias: Mapped[words] = mapped_column(Text, primary_key=True)  # lower case, without the city behind the comma
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))


class Person(db.Model):
    """A player or official of imported matches, by the id of Cricsheet's register: names are unique per file only."""

    __tablename__ = "person"
    registry_id: Mapped[words] = mapped_column(Text, primary_key=True)
    name: Mapped[words]


class MatchImport(db.Model):
    """Where an imported match comes from, and what our engine says of it."""

    __tablename__ = "match_import"
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), primary_key=True, autoincrement=False)
    source: Mapped[words]
    source_id: Mapped[words]
    revision: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    verdict: Mapped[words]
    reasons: Mapped[list] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    info: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    imported_at: Mapped[created]
    __table_args__ = (UniqueConstraint("source", "source_id"), one_of("verdict", *VERDICTS))


class MatchSnapshot(db.Model):
    """The board of a match after event `seq`: everything its pages show, and a few hundred bytes of it for the
    listings.
    """

    __tablename__ = "match_snapshot"
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Integer)
    summary: Mapped[dict] = mapped_column(JSONB)
    board: Mapped[dict] = mapped_column(JSONB)
    updated_at: Mapped[created]


class PublicVersion(db.Model):
    """How often what everybody may see has changed: the catalogue (whatever pages show of grounds, matches and events),
    and the scores.
    """

    __tablename__ = "public_version"
    topic: Mapped[words] = mapped_column(Text, primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, server_default="1")
    __table_args__ = (one_of("topic", "catalogue", "scores"),)


class ScorerLock(db.Model):
    """Who scores a match just now: one browser, by the hash of the token it holds."""

    __tablename__ = "scorer_lock"
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    name: Mapped[words]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    taken_at: Mapped[created]
    used_at: Mapped[created]


class SecondBook(db.Model):
    """What a second scorer's book says at the end of each over, kept to be compared with the match's log."""

    __tablename__ = "second_book"
    match_id: Mapped[int] = mapped_column(
        ForeignKey("match.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True, autoincrement=False)
    name: Mapped[words]
    begun: Mapped[dict] = mapped_column(JSONB)  # {"innings", "over"}: what is finished there came from the match's log
    totals: Mapped[dict] = mapped_column(JSONB)  # {"innings.over": what engine.totals gives}
    sent_at: Mapped[created]


class MatchReplay(db.Model):
    """A match that is played again from the log of another: how far, how fast, and when the next ball is due."""

    __tablename__ = "match_replay"
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), primary_key=True, autoincrement=False)
    source_match_id: Mapped[int] = mapped_column(ForeignKey("match.id"))
    speed: Mapped[float] = mapped_column(Numeric(8, 2), server_default="1")
    state: Mapped[words] = mapped_column(Text, server_default="running")
    position: Mapped[int] = mapped_column(Integer, server_default="0")  # events of the source that have been fed
    repeats: Mapped[bool] = mapped_column(server_default="false")
    next_at: Mapped[moment] = mapped_column(server_default=text("now()"))
    __table_args__ = (
        one_of("state", *REPLAY_STATES),
        Index("ix_match_replay_due", "next_at", postgresql_where=text("state = 'running'")),
    )
