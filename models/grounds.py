"""Grounds: stadium, gates, the versioned layout of stands, levels, bays, rows and seats, and the car parks.

A layout is immutable once published and an event pins one; so a seat id never changes its meaning.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.columns import created, moment, one_of, small_id, words
from models.currencies import CURRENCIES

SEAT_KINDS = ("standard", "accessible", "companion", "restricted", "members", "unreserved")
SHAPES = ("bowl", "horseshoe", "bank", "pavilion")
BAY_KINDS = ("standard", "accessible", "motorcycle")
BANDS = ("A", "B", "C", "D", "E")


class Stadium(db.Model):
    """A ground and its terms: fees and tax apply to each line of a booking (see booking/pricing.py)."""

    __tablename__ = "stadium"
    id: Mapped[small_id]
    slug: Mapped[words] = mapped_column(Text, unique=True)
    name: Mapped[words]
    city: Mapped[words]
    country: Mapped[words]  # ISO 3166-1 alpha-2
    time_zone: Mapped[words]  # IANA name
    currency: Mapped[words]  # ISO 4217
    address: Mapped[words] = mapped_column(Text, server_default="")
    about: Mapped[words] = mapped_column(Text, server_default="")
    transport: Mapped[words] = mapped_column(Text, server_default="")
    fee_bp: Mapped[int] = mapped_column(Integer, server_default="500")  # basis points of the face value
    fee_each: Mapped[int] = mapped_column(BigInteger, server_default="250")  # minor units a ticket
    tax_bp: Mapped[int] = mapped_column(Integer, server_default="1000")
    tax_inside: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    tax_name: Mapped[words] = mapped_column(Text, server_default="GST")
    contact_email: Mapped[words | None]
    latitude: Mapped[float | None] = mapped_column(Double)  # degrees, north and east positive
    longitude: Mapped[float | None] = mapped_column(Double)
    bearing: Mapped[int] = mapped_column(
        SmallInteger, server_default="0"
    )  # where the top of the plan points, degrees clockwise from north
    shape: Mapped[words] = mapped_column(Text, server_default="bowl")
    facilities: Mapped[list] = mapped_column(JSONB, server_default="[]")  # [{"icon", "name", "text"}]
    created_at: Mapped[created]
    gates: Mapped[list["Gate"]] = relationship(lazy="raise_on_sql", order_by="Gate.code")
    car_parks: Mapped[list["CarPark"]] = relationship(
        lazy="raise_on_sql", order_by="CarPark.id", back_populates="stadium"
    )
    __table_args__ = (
        CheckConstraint("fee_bp between 0 and 10000 and tax_bp between 0 and 10000 and fee_each >= 0", name="terms"),
        one_of("currency", *sorted(CURRENCIES)),
        CheckConstraint(
            "latitude between -90 and 90 and longitude between -180 and 180 and bearing between 0 and 359", name="place"
        ),
        one_of("shape", *SHAPES),
    )


class Layout(db.Model):
    __tablename__ = "layout"
    id: Mapped[small_id]
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"))
    version: Mapped[int] = mapped_column(Integer)
    seat_count: Mapped[int] = mapped_column(Integer, server_default="0")
    published_at: Mapped[moment | None]
    __table_args__ = (UniqueConstraint("stadium_id", "version"), UniqueConstraint("id", "stadium_id"))


class Gate(db.Model):
    __tablename__ = "gate"
    id: Mapped[small_id]
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"))
    code: Mapped[words]
    name: Mapped[words]
    note: Mapped[words] = mapped_column(Text, server_default="")
    zone: Mapped[int] = mapped_column(SmallInteger)  # the number that a ticket's code carries
    __table_args__ = (
        UniqueConstraint("stadium_id", "code"),
        UniqueConstraint("stadium_id", "zone"),
        CheckConstraint("zone between 1 and 255", name="zone"),
    )


class Stand(db.Model):
    __tablename__ = "stand"
    id: Mapped[small_id]
    layout_id: Mapped[int] = mapped_column(ForeignKey("layout.id"))
    code: Mapped[words]
    name: Mapped[words]
    position: Mapped[int] = mapped_column(SmallInteger)  # clockwise from the pavilion
    note: Mapped[words] = mapped_column(Text, server_default="")
    levels: Mapped[list["Level"]] = relationship(lazy="raise_on_sql", order_by="Level.position")
    __table_args__ = (UniqueConstraint("layout_id", "code"),)


class Level(db.Model):
    __tablename__ = "level"
    id: Mapped[small_id]
    stand_id: Mapped[int] = mapped_column(ForeignKey("stand.id"), index=True)
    name: Mapped[words]
    position: Mapped[int] = mapped_column(SmallInteger)
    roof_rows: Mapped[int] = mapped_column(
        SmallInteger, server_default="0"
    )  # rows under the roof, counted from the back
    roof_height: Mapped[int] = mapped_column(
        SmallInteger, server_default="0"
    )  # of its front edge above the seats there, in decimetres


class Bay(db.Model):
    __tablename__ = "bay"
    id: Mapped[small_id]
    level_id: Mapped[int] = mapped_column(ForeignKey("level.id"), index=True)
    gate_id: Mapped[int] = mapped_column(ForeignKey("gate.id"))
    name: Mapped[words]
    position: Mapped[int] = mapped_column(SmallInteger)
    view: Mapped[words] = mapped_column(Text, server_default="")  # what one sees from there, for fans
    gate: Mapped["Gate"] = relationship(lazy="raise_on_sql")
    level: Mapped["Level"] = relationship(lazy="raise_on_sql")


class SeatRow(db.Model):
    """A row of a bay.

    `shape` is x0, y0, x1, y1, bend in decimetres from the middle of the field, x to the right and y down on the plan.

    Seats lie on the arc from (x0, y0) clockwise to (x1, y1), which bulges by `bend` away from the field. Without a
    shape the row is drawn where its bay stands among the others (seating/layout.py).
    """

    __tablename__ = "seat_row"
    id: Mapped[small_id]
    bay_id: Mapped[int] = mapped_column(ForeignKey("bay.id"), index=True)
    name: Mapped[words]
    position: Mapped[int] = mapped_column(SmallInteger)  # 1 = nearest the rope
    shape: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    note: Mapped[words] = mapped_column(Text, server_default="")  # about the view, where it is not the bay's
    bay: Mapped["Bay"] = relationship(lazy="raise_on_sql")
    __table_args__ = (CheckConstraint("cardinality(shape) = 5", name="shape"),)


class Seat(db.Model):
    """One seat of one layout. `quality` is 0 (worst) … 1000 (best), fixed with the layout.

    Seats of kind `unreserved` are places of an area that is sold by count: whoever has one stands or sits anywhere in
    it. Seats of kind `members` are sold to the ground's members alone.
    """

    __tablename__ = "seat"
    id: Mapped[small_id]
    layout_id: Mapped[int] = mapped_column(ForeignKey("layout.id"))
    stand_id: Mapped[int] = mapped_column(ForeignKey("stand.id"))
    row_id: Mapped[int] = mapped_column(ForeignKey("seat_row.id"))
    number: Mapped[words]
    position: Mapped[int] = mapped_column(SmallInteger)  # order within the row; neighbours differ by one
    kind: Mapped[words] = mapped_column(Text, server_default="standard")
    band: Mapped[words]
    quality: Mapped[int] = mapped_column(SmallInteger, server_default="500")
    row: Mapped["SeatRow"] = relationship(lazy="raise_on_sql")
    stand: Mapped["Stand"] = relationship(lazy="raise_on_sql")
    __table_args__ = (
        UniqueConstraint("row_id", "position"),
        Index("ix_seat_layout_id_stand_id", "layout_id", "stand_id"),
        one_of("kind", *SEAT_KINDS),
        one_of("band", *BANDS),
    )


class CarPark(db.Model):
    __tablename__ = "car_park"
    id: Mapped[small_id]
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"), index=True)
    gate_id: Mapped[int | None] = mapped_column(ForeignKey("gate.id"))
    name: Mapped[words]
    note: Mapped[words] = mapped_column(Text, server_default="")
    walk_minutes: Mapped[int] = mapped_column(SmallInteger, server_default="5")
    is_closed: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    cutoff_minutes: Mapped[int] = mapped_column(Integer, server_default="60")  # booking closes this long before arrival
    zone: Mapped[int] = mapped_column(SmallInteger)  # the number that a pass's code carries
    stadium: Mapped["Stadium"] = relationship(lazy="raise_on_sql", back_populates="car_parks")
    gate: Mapped["Gate | None"] = relationship(lazy="raise_on_sql")
    bays: Mapped[list["CarParkBays"]] = relationship(lazy="raise_on_sql", order_by="CarParkBays.kind.desc()")
    __table_args__ = (UniqueConstraint("stadium_id", "zone"), UniqueConstraint("id", "stadium_id"))


class CarParkBays(db.Model):
    """The bays of one kind in a car park: a capacity, not numbered. Prices are per match and per started hour."""

    __tablename__ = "car_park_bays"
    car_park_id: Mapped[int] = mapped_column(ForeignKey("car_park.id"))
    kind: Mapped[words]
    capacity: Mapped[int] = mapped_column(Integer)
    match_price: Mapped[int] = mapped_column(BigInteger)
    hour_price: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        PrimaryKeyConstraint("car_park_id", "kind"),
        one_of("kind", *BAY_KINDS),
        CheckConstraint("capacity >= 0 and match_price >= 0 and hour_price >= 0", name="not_negative"),
    )
