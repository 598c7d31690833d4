"""Where the demo's balls go and how long they are: invented beside the play, and without touching its luck, so that a
match ends as it did before anybody told of its shots.
"""

from math import cos, radians, sin
from random import Random

from demo.ball import one_of

LENGTHS = (("good", 44), ("full", 24), ("short", 22), ("yorker", 7), ("full toss", 3))
ANGLES = (15, 40, 65, 95, 120, 150, -20, -45, -70, -95, -120, -150)  # degrees from straight, right of it first
TOLD = 0.85  # of the balls: a scorer misses some


def hand_of(name):
    """The hand a player bats with, by the name alone."""
    return "left" if Random(f"hands of {name}").random() < 0.3 else "right"


def shot(of, striker, thrown):
    """The body of a shot for a ball (its key), or None where nobody told; `thrown` as the simulation has it."""
    luck = Random(f"shot {of} {striker.name} {thrown.bat}").random
    if luck() > TOLD or (thrown.extras and "wides" in thrown.extras):
        return None
    told = {"of": of, "length": one_of(luck, LENGTHS)}
    if thrown.bat:
        far = 100 if thrown.bat in (4, 6) else 30 + 20 * thrown.bat * luck()
        angle = radians(ANGLES[int(luck() * len(ANGLES))] + 20 * (luck() - 0.5))
        told |= {"x": int(far * sin(angle)), "y": int(far * cos(angle))}
        told["hand"] = {"player": striker.key, "hand": hand_of(striker.name)}
    return told
