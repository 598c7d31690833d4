"""What a supervisor watches: the crowd at each gate, what is still to come, and where to send a steward."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import realtime
from caches import Kept
from database import call_one
from gate.outcomes import Outcome
from models import Event
from refusals import plural

LATELY = 10  # minutes that a gate's pace is counted over
ONE_LANE = 11  # people a minute through one lane: the Green Guide's figure for a turnstile
AT_MOST_EVERY = 1.0  # seconds between two pushes of an event, from each process

NAMES = {
    Outcome.ALREADY_USED: "Already in",
    Outcome.WRONG_GATE: "Wrong gate",
    Outcome.WRONG_DAY: "Another day",
    Outcome.WRONG_EVENT: "Another event",
    Outcome.VOID: "Refunded or replaced",
    Outcome.DISPUTED: "Disputed",
    Outcome.NOT_YET_VALID: "Too early",
    Outcome.EXPIRED: "Too late",
    Outcome.UNKNOWN: "No code of ours",
    Outcome.UNREADABLE: "Not readable",
    Outcome.FORGED: "Forged",
    Outcome.CHECK_IDENTITY: "Identity to be checked",
    Outcome.OLD_PICTURE: "Old picture of a code",
}

_pushed = Kept(1000, AT_MOST_EVERY)  # event → True


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence about where help is needed, and the gate's code, or None."""

    sentence: str
    gate: str | None = None


def figures(event: Event, working: Mapping[int, int]) -> dict[str, Any]:
    """app.gate_figures with what follows from it. `working` is {gate id: phones that work there}."""
    found = call_one("app.gate_figures", event.id).gate_figures
    minutes_left = max(0, (event.starts_at.timestamp() - time.time()) / 60)
    for gate in found["gates"]:
        gate["left"] = max(0, gate["expected"] - gate["admitted"])
        gate["pace"] = gate["lately"] / LATELY
        gate["phones"] = working.get(gate["id"], 0)
    totals = {name: sum(gate[name] for gate in found["gates"]) for name in ("expected", "admitted", "left", "lately")}
    refusals = sorted(((NAMES.get(name, name), n) for name, n in found["refusals"].items()), key=lambda x: -x[1])
    return {
        **found,
        **totals,
        "refusals": refusals,
        "pace": totals["lately"] / LATELY,
        "minutes_left": minutes_left,
        "by_start": min(totals["left"], round(totals["lately"] / LATELY * minutes_left)),
        "advice": advise(found["gates"], minutes_left),
    }


def advise(gates: Sequence[Mapping[str, Any]], minutes_left: float) -> Advice:
    """Which gate to strengthen: the one whose people would need longest at its pace, or at what its phones can do where
    nobody has come yet."""
    waiting = [gate for gate in gates if gate["left"]]
    if not waiting:
        return Advice(
            "Everybody who has a ticket is in."
            if any(gate["expected"] for gate in gates)
            else "No tickets are sold yet."
        )
    without = [gate for gate in waiting if not gate["phones"]]
    if without:
        worst = max(without, key=lambda gate: gate["left"])
        return Advice(
            f"Gate {worst['code']} has no phone that works, and "
            f"{plural(worst['left'], 'person is', 'people are')} still to come there.",
            worst["code"],
        )

    def needs(gate: Mapping[str, Any]) -> float:
        return gate["left"] / max(gate["pace"], gate["phones"] * ONE_LANE)

    worst = max(waiting, key=needs)
    minutes = math.ceil(needs(worst))
    if minutes <= max(minutes_left, 1):
        return Advice(
            f"All gates keep up: the longest is Gate {worst['code']}, with {worst['left']:,} to come in about "
            f"{plural(minutes, 'minute')}.",
            None,
        )
    lanes = max(1, math.ceil(worst["left"] / max(minutes_left, 5) / ONE_LANE) - worst["phones"])
    return Advice(
        f"Strengthen Gate {worst['code']}: {worst['left']:,} to come would take {plural(minutes, 'minute')}. "
        f"{plural(lanes, 'more phone')} would do.",
        worst["code"],
    )


def see_alarm(alarm_id: int, note: str | None) -> int | None:
    """A supervisor has seen an alarm, and may leave a note. Returns the event's id, or None for parking without a
    match."""
    return call_one("app.see_gate_alarm", alarm_id, note).see_gate_alarm


def publish(stadium_id: int, event_id: int | None) -> None:
    """Tell the supervisors' pages that people came in or went out; at most once a second for an event. Called after the
    commit."""
    if event_id is None:
        return
    if not _pushed.get(event_id):
        _pushed.put(event_id, True)
        realtime.publish_gates(stadium_id, event_id)
