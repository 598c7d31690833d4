"""When a hold has lapsed, and how long one can last: each said once, in SQL, and in Python only as SQL has it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from booking import terms
from extensions import db
from models import Booking
from tests.support.acting import acting_as

NOW = datetime(2027, 1, 16, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
@pytest.mark.parametrize("state", ["held", "paying", "paid", "expired"])
def test_a_hold_lapses_at_its_end_in_both_tongues(engine, state, seconds):
    booking = Booking(state=state, expires_at=NOW + timedelta(seconds=seconds))
    with engine.connect() as connection:
        is_over, has_lapsed = connection.execute(
            text("select app.is_over(:end, :now), app.has_lapsed(:state, :end, :now)"),
            {"end": booking.expires_at, "now": NOW, "state": state},
        ).one()
    assert (booking.is_over(NOW), booking.has_lapsed(NOW)) == (is_over, has_lapsed)
    assert is_over == (seconds <= 0) and has_lapsed == (seconds <= 0 and state == "held")


def test_a_claim_without_an_end_never_lapses(engine):
    with engine.connect() as connection:
        said = "select app.has_lapsed('sold', null), app.has_lapsed('blocked', null)"
        assert tuple(connection.execute(text(said)).one()) == (False, False)


def test_the_rule_is_inlined_so_that_indexes_serve(app, cast):
    """As the web role: the plan holds the words themselves, and no call of a function."""
    with acting_as(app, cast, "asha"):
        plan = "\n".join(
            db.session.execute(
                text("""explain (verbose, costs off) select seat_id from seat_claim
                         where event_id = 1 and seat_id = any ('{1,2}') and not app.has_lapsed(state, expires_at)""")
            ).scalars()
        )
        assert "has_lapsed" not in plan and "is_over" not in plan and "expires_at > clock_timestamp()" in plan
        query = select(Booking.id).where(Booking.has_lapsed(), ~Booking.is_over())
        assert str(query).count("app.") == 2 and db.session.execute(query).all() == []


def test_the_settings_are_those_of_the_database(app, cast):
    with acting_as(app, cast, "asha"):
        found = terms.terms()
        assert (found.longest, found.grace, found.usual_minutes) == (timedelta(minutes=30), timedelta(minutes=5), 10)
        assert terms.terms() is found and found.longest_minutes == 30
        assert terms.minutes_of(None) == 10
