"""What each role may do at its ground: the one table that routes, live rooms, pages and the database's functions ask.

A new role is a line of ROLES, and of nothing else: an upgrade brings it to `app.role_rights()`, which lets it into
`staff_role` and opens rows and functions to it. A new right is a word here; it guards a route as `@role(may=…)`, a
function of the database as `app.grounds('…')`, and a live room as a line of ROOMS.
"""

from collections.abc import Iterable, Mapping

from extensions import Person, current_person

SELL = "sell"  # see a ground's sales and audit trail, set its sales, give money back
SCORE = "score"  # enter its matches' balls
RUN_GATES = "run_gates"  # pair its phones, watch its gates, print its lists

# role: what it may do at the ground where somebody has it
ROLES = {
    "owner": (SELL, RUN_GATES),
    "manager": (SELL, RUN_GATES),
    "sales": (SELL,),
    "scorer": (SCORE,),
    "gate": (RUN_GATES,),
}
RIGHTS = frozenset(right for rights in ROLES.values() for right in rights)

# kind of a live room that is a ground's own, as in `staff:7`: who may be in it
ROOMS = {"staff": SELL, "gates": RUN_GATES}


def grounds(right: str, person: Person | None = None) -> tuple[int, ...]:
    """Ids of the stadiums where a person, or that of this request, may do this; () for most people."""
    return _where(right, (person or current_person()).roles)


def may_be_in(room: str, roles: Mapping[int, Iterable[str]]) -> bool:
    """May somebody with these roles ({stadium: roles}) be in a closed live room, `kind:stadium`?

    No, if the kind is not in ROOMS.
    """
    kind, _, stadium = room.partition(":")
    return kind in ROOMS and int(stadium) in _where(ROOMS[kind], roles)


def _where(right: str, roles: Mapping[int, Iterable[str]]) -> tuple[int, ...]:
    return tuple(stadium for stadium, held in roles.items() if any(right in ROLES.get(role, ()) for role in held))
