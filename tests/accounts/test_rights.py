"""What a role may do stands once: routes, live rooms and the database answer alike, and a role that is no line of the
table is none.
"""

import psycopg2
import pytest
from sqlalchemy.exc import IntegrityError

from accounts import rights
from extensions import current_person, db
from tests.support.acting import acting_as
from web.guards import role

PAGES = {"sell": "/owner", "score": "/scorer", "run_gates": "/gates"}
GROUNDS = "select right_name, app.grounds(right_name) from unnest(%s) right_name"


@pytest.mark.parametrize("held", rights.ROLES)
def test_pages_rooms_and_the_database_agree_on_a_role(app, cast, rows, ground, held):
    asha = cast.ids["asha"]
    rows("insert into staff_role values (:c, :s, :r, now())", c=asha, s=ground.stadium, r=held)
    with acting_as(app, cast, "asha"):
        person = current_person()
        assert person.roles == {ground.stadium: (held,)}
        found = dict(db.session.connection().exec_driver_sql(GROUNDS, (sorted(rights.RIGHTS),)).all())
        assert {right: tuple(stadiums) for right, stadiums in found.items()} == {
            right: rights.grounds(right) for right in rights.RIGHTS
        }
        assert {right for right in rights.RIGHTS if rights.grounds(right)} == set(rights.ROLES[held])
        for kind, right in rights.ROOMS.items():
            assert rights.may_be_in(f"{kind}:{ground.stadium}", person.roles) is (right in rights.ROLES[held])
            assert not rights.may_be_in(f"{kind}:{ground.other_stadium}", person.roles)
    page = cast.browser("asha")
    for right, path in PAGES.items():
        assert page.get(path).status == (200 if right in rights.ROLES[held] else 404), path


def test_every_right_opens_a_page():
    assert set(PAGES) == rights.RIGHTS


def test_roles_at_several_grounds_stay_apart(app, cast, rows, ground):
    asha = cast.ids["asha"]
    for stadium, held in ((ground.stadium, "gate"), (ground.other_stadium, "sales"), (ground.other_stadium, "scorer")):
        rows("insert into staff_role values (:c, :s, :r, now())", c=asha, s=stadium, r=held)
    with acting_as(app, cast, "asha"):
        assert current_person().roles == {ground.stadium: ("gate",), ground.other_stadium: ("sales", "scorer")}
        assert rights.grounds("run_gates") == (ground.stadium,) and rights.grounds("sell") == (ground.other_stadium,)


def test_a_role_without_a_line_is_refused(rows, cast, ground):
    with pytest.raises(IntegrityError, match="there is no role umpire") as refused:
        rows("insert into staff_role values (:c, :s, 'umpire', now())", c=cast.ids["asha"], s=ground.stadium)
    assert isinstance(refused.value.orig, psycopg2.errors.CheckViolation)


def test_a_route_cannot_ask_for_a_right_that_no_role_has():
    with pytest.raises(ValueError, match="No role may fly"):
        role(may="fly")
