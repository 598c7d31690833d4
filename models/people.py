"""People: customers of three kinds, how they sign in, and what staff may do at a stadium."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.columns import big_id, created, moment, one_of, words


class Customer(db.Model):
    """Whoever holds seats: a visitor (only a browser), a guest (name and e-mail) or a fan (an account)."""

    __tablename__ = "customer"
    id: Mapped[big_id]
    kind: Mapped[words]
    name: Mapped[words | None]
    email: Mapped[words | None]
    email_key: Mapped[words | None]  # normalised, for comparing
    is_admin: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    adopted_by: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    created_at: Mapped[created]
    __table_args__ = (
        one_of("kind", "visitor", "guest", "fan"),
        Index("uq_customer_fan_email_key", "email_key", unique=True, postgresql_where=text("kind = 'fan'")),
    )


class Credential(db.Model):
    """A fan's password, as an argon2id hash. Only definer functions read this table."""

    __tablename__ = "credential"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    password_hash: Mapped[words]
    changed_at: Mapped[created]


class LoginSession(db.Model):
    """A browser's session, by the SHA-256 of its 256-bit token; the token itself is stored nowhere."""

    __tablename__ = "login_session"
    id_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    created_at: Mapped[created]
    seen_at: Mapped[created]
    expires_at: Mapped[moment]
    ended_at: Mapped[moment | None]
    address: Mapped[words | None]
    user_agent: Mapped[words | None]


class ActorKey(db.Model):
    """The one row with the key that seals who acts in a transaction (app.seal). Only definer functions read it."""

    __tablename__ = "actor_key"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    key: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (CheckConstraint("id = 1", name="one"),)


class StaffRole(db.Model):
    """A role that a person has at a stadium: one of accounts/rights.py, or the trigger known_role refuses it."""

    __tablename__ = "staff_role"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stadium_id: Mapped[int] = mapped_column(Integer, ForeignKey("stadium.id"), index=True)
    role: Mapped[words]
    granted_at: Mapped[created]
    __table_args__ = (PrimaryKeyConstraint("customer_id", "stadium_id", "role"),)


class Membership(db.Model):
    """A member of a ground, who may buy its members' seats until the day that the membership ends."""

    __tablename__ = "membership"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stadium_id: Mapped[int] = mapped_column(Integer, ForeignKey("stadium.id"), index=True)
    until: Mapped[date]
    __table_args__ = (PrimaryKeyConstraint("customer_id", "stadium_id"),)
