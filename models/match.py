"""Matches and the events that sell them.

Event and match are many to many: a Test sells five days, a double-header is one ticket for two matches.
"""

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from extensions import db
from models.columns import created, moment, one_of, small_id, words
from models.grounds import Stadium
from models.live import Venue

TICKET_TYPES = ("adult", "child", "concession")


class Team(db.Model):
    __tablename__ = "team"
    id: Mapped[small_id]
    slug: Mapped[words] = mapped_column(Text, unique=True)
    name: Mapped[words]
    short_name: Mapped[words]
    colour_1: Mapped[words]
    colour_2: Mapped[words]
    cap_pattern: Mapped[int] = mapped_column(SmallInteger)  # 1 … 5, so that caps differ without colour
    home_stadium_id: Mapped[int | None] = mapped_column(ForeignKey("stadium.id"))
    about: Mapped[words] = mapped_column(Text, server_default="")
    players: Mapped[list["Player"]] = relationship(lazy="raise_on_sql", order_by="Player.shirt", back_populates="team")
    __table_args__ = (CheckConstraint("cap_pattern between 1 and 5", name="cap_pattern"),)


class Player(db.Model):
    __tablename__ = "player"
    id: Mapped[small_id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    name: Mapped[words]
    role: Mapped[words]  # batter, bowler, all-rounder, wicket-keeper
    shirt: Mapped[int] = mapped_column(SmallInteger)
    bats: Mapped[words] = mapped_column(Text, server_default="")  # "right-handed"
    bowls: Mapped[words] = mapped_column(Text, server_default="")  # "left-arm orthodox"
    team: Mapped["Team"] = relationship(lazy="raise_on_sql", back_populates="players")


class Official(db.Model):
    __tablename__ = "official"
    id: Mapped[small_id]
    name: Mapped[words]


class Match(db.Model):
    __tablename__ = "match"
    id: Mapped[small_id]
    stadium_id: Mapped[int | None] = mapped_column(ForeignKey("stadium.id"), index=True)
    venue_id: Mapped[int | None] = mapped_column(
        ForeignKey("venue.id")
    )  # of an imported match at a ground that is not ours
    home_team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    away_team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    competition: Mapped[words]
    number: Mapped[int | None] = mapped_column(Integer)
    format: Mapped[words]
    starts_at: Mapped[moment] = mapped_column(index=True)
    state: Mapped[words] = mapped_column(Text, server_default="scheduled")
    result: Mapped[words | None]
    source: Mapped[words] = mapped_column(Text, server_default="live")
    stadium: Mapped["Stadium | None"] = relationship(lazy="raise_on_sql")
    venue: Mapped["Venue | None"] = relationship(lazy="raise_on_sql")
    home_team: Mapped["Team"] = relationship(lazy="raise_on_sql", foreign_keys=[home_team_id])
    away_team: Mapped["Team"] = relationship(lazy="raise_on_sql", foreign_keys=[away_team_id])
    events: Mapped[list["Event"]] = relationship(
        lazy="raise_on_sql", secondary="event_match", back_populates="matches", order_by="Event.starts_at"
    )
    officials: Mapped[list["MatchOfficial"]] = relationship(lazy="raise_on_sql", order_by="MatchOfficial.role.desc()")
    __table_args__ = (
        one_of("state", "scheduled", "live", "finished", "cancelled", "abandoned"),
        one_of("format", "T20", "ODI", "Test", "Hundred", "First-class", "List A"),
        one_of("source", "live", "replay", "import"),
        CheckConstraint("home_team_id <> away_team_id", name="two_teams"),
        CheckConstraint("num_nonnulls(stadium_id, venue_id) > 0", name="place"),
    )


class MatchOfficial(db.Model):
    __tablename__ = "match_official"
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"))
    official_id: Mapped[int] = mapped_column(ForeignKey("official.id"))
    role: Mapped[words]
    official: Mapped["Official"] = relationship(lazy="raise_on_sql")
    __table_args__ = (
        PrimaryKeyConstraint("match_id", "official_id"),
        one_of("role", "umpire", "third umpire", "match referee", "scorer"),
    )


class Event(db.Model):
    """What is sold: seats of one layout for one time. Its refund policy is frozen on each booking when it is made."""

    __tablename__ = "event"
    if TYPE_CHECKING:  # what the database works out, see below
        sale_state: Mapped[str]
        policy: Mapped[dict[str, Any]]
    id: Mapped[small_id]
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"))
    layout_id: Mapped[int] = mapped_column(Integer)
    name: Mapped[words]
    starts_at: Mapped[moment]
    ends_at: Mapped[moment]
    gates_open_at: Mapped[moment]
    sale_starts_at: Mapped[moment]
    sale_ends_at: Mapped[moment]
    state: Mapped[words] = mapped_column(Text, server_default="on_sale")
    hold_minutes: Mapped[int] = mapped_column(SmallInteger, server_default="10")
    buyer_limit: Mapped[int] = mapped_column(SmallInteger, server_default="8")
    refund_until_hours: Mapped[int | None] = mapped_column(Integer)  # before the start; None = no refund by the fan
    refund_share_bp: Mapped[int] = mapped_column(Integer, server_default="10000")  # share of the face value given back
    refund_keeps_fees: Mapped[bool] = mapped_column(server_default="true")
    guards_singles: Mapped[bool] = mapped_column(
        server_default="true"
    )  # no choice may leave one free seat alone without need
    rotating_codes: Mapped[bool] = mapped_column(
        server_default="false"
    )  # codes that change every fifteen seconds, by the owner's choice
    # So many hours before the start companion seats are sold without the wheelchair space beside them; None = never.
    companions_open_hours: Mapped[int | None] = mapped_column(SmallInteger)
    cancelled_at: Mapped[moment | None]
    listed_at: Mapped[moment | None]  # since when people wait for seats: what comes back goes to them first
    created_at: Mapped[created]
    stadium: Mapped["Stadium"] = relationship(lazy="raise_on_sql", overlaps="layout")
    matches: Mapped[list["Match"]] = relationship(
        lazy="raise_on_sql", secondary="event_match", back_populates="events", order_by="Match.starts_at"
    )
    prices: Mapped[list["EventPrice"]] = relationship(lazy="raise_on_sql", order_by="EventPrice.band")
    __table_args__ = (
        ForeignKeyConstraint(["layout_id", "stadium_id"], ["layout.id", "layout.stadium_id"]),
        Index("ix_event_stadium_id_starts_at", "stadium_id", "starts_at"),
        Index("ix_event_starts_at", "starts_at"),
        one_of("state", "draft", "on_sale", "stopped", "cancelled"),
        CheckConstraint("hold_minutes between 2 and 15", name="hold_minutes"),
        CheckConstraint("buyer_limit between 1 and 50", name="buyer_limit"),
        CheckConstraint("companions_open_hours between 1 and 720", name="companions_open_hours"),
        CheckConstraint(
            "starts_at < ends_at and sale_starts_at < sale_ends_at and gates_open_at <= starts_at", name="times"
        ),
        CheckConstraint("refund_share_bp between 0 and 10000", name="refund_share_bp"),
    )


class EventMatch(db.Model):
    __tablename__ = "event_match"
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), index=True)
    __table_args__ = (PrimaryKeyConstraint("event_id", "match_id"),)


class EventPrice(db.Model):
    """The face value of a seat by band and ticket type, in minor units."""

    __tablename__ = "event_price"
    if TYPE_CHECKING:  # what the database works out, see below
        amounts: Mapped[list[int]]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    band: Mapped[words]
    ticket_type: Mapped[words]
    face: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        PrimaryKeyConstraint("event_id", "band", "ticket_type"),
        one_of("ticket_type", *TICKET_TYPES),
        CheckConstraint("face >= 0", name="face"),
    )


# What a buyer met when the event was read, but for what is left: draft, cancelled, past, stopped, not_yet, ended or
# on_sale.
Event.sale_state = column_property(
    func.app.sale_state(Event.state, Event.starts_at, Event.sale_starts_at, Event.sale_ends_at)
)

# The refund policy that a booking freezes: {until_hours, share_bp, keeps_fees}; booking.refunds says it in words.
Event.policy = column_property(  # pyrefly: ignore[bad-assignment]
    func.app.refund_policy(Event.refund_until_hours, Event.refund_share_bp, Event.refund_keeps_fees, type_=JSONB)
)


def _amounts():
    """[fee, tax, total] of a ticket at a price of an event, by the terms of its ground."""
    ground = (
        Stadium.fee_bp,
        Stadium.fee_each,
        Stadium.tax_bp,
        Stadium.tax_inside,
        func.app.money_step(Stadium.currency),
    )
    of_line = func.app.line_amounts(EventPrice.face, *ground).table_valued("fee", "tax", "total")
    return (
        select(array([of_line.c.fee, of_line.c.tax, of_line.c.total]))
        .select_from(Event)
        .join(Stadium, Stadium.id == Event.stadium_id)
        .join(of_line, true())
        .where(Event.id == EventPrice.event_id)
        .correlate(EventPrice)
        .scalar_subquery()
    )


# Asked for where a page shows prices: `selectinload(Event.prices).undefer(EventPrice.amounts)`. See
# booking.pricing.amounts_of().
EventPrice.amounts = column_property(_amounts(), deferred=True, raiseload=True)
