"""How the demo's players bat and bowl: the hand by the name alone, the bowling as the simulation has it
(demo/play.py).
"""

from random import Random

from sqlalchemy import text

from demo.play import cricketer
from demo.shots import hand_of

SPIN = ("right-arm off-break", "right-arm leg-break", "left-arm orthodox", "left-arm wrist-spin")
PACE = ("right-arm fast", "right-arm fast-medium", "right-arm medium-fast", "left-arm fast-medium")


def style(name, role):
    """(bats, bowls) of a player, in words; who never bowls has an empty second one."""
    luck = Random(f"arm of {name}").random
    player = cricketer("", name, role)
    return f"{hand_of(name)}-handed", (SPIN if player.spin else PACE)[int(luck() * 4)] if player.bowls else ""


def name_styles(connection, clubs):
    """Fill in how every player of the clubs (slugs) bats and bowls."""
    players = connection.execute(
        text("select p.id, p.name, p.role from player p join team t on t.id = p.team_id where t.slug = any (:clubs)"),
        {"clubs": list(clubs)},
    ).all()
    values = [dict(zip(("id", "bats", "bowls"), (p.id, *style(p.name, p.role)), strict=True)) for p in players]
    connection.execute(text("update player set bats = :bats, bowls = :bowls where id = :id"), values)
