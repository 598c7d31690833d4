"""A target for a shortened chase, for the demo only: by a curve of the resources a side has left, invented after the
idea that Duckworth and Lewis published in 1998. It is not their table, and the product never decides a match by it: a
scorer enters the target.
"""

from math import exp

SHARE_OF_WICKETS = (1.0, 0.93, 0.85, 0.75, 0.65, 0.53, 0.41, 0.29, 0.18, 0.08)


def resources(overs, wickets):
    """What a side may still make with so many overs left and so many wickets down; 1 = fifty overs and
    all ten wickets.
    """
    share = SHARE_OF_WICKETS[wickets]
    return share * (1 - exp(-0.035 * overs / share)) / (1 - exp(-0.035 * 50))


def revised_target(first_total, overs, over, wickets, lost):
    """The target after `lost` overs are taken from the end of a chase that stands at `over`."""
    left = overs - over
    gone = resources(left, wickets) - resources(left - lost, wickets)
    return int(first_total * (1 - gone)) + 1
