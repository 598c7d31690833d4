"""What the database's functions take from tables in code, put into their source when they are installed."""

import json

from accounts.rights import ROLES


def filled(source: str) -> str:
    """A function's file with `':roles'` in it replaced by the roles and their rights, as JSON."""
    return source.replace("':roles'", f"'{json.dumps(ROLES)}'")
