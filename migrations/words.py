"""What the database's functions take from tables in code, put into their source when they are installed."""

import json

from accounts.rights import ROLES
from gate.outcomes import MAY_OVERRIDE

# what stands in a function's file: what it becomes, as JSON
WORDS = {"':roles'": ROLES, "':may_override'": sorted(MAY_OVERRIDE)}


def filled(source: str) -> str:
    """A function's file with the tables that it names put in."""
    for name, table in WORDS.items():
        source = source.replace(name, f"'{json.dumps(table)}'")
    return source
