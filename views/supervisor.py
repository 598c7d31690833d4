"""The supervisor's pages: the gates of an event as they are now, its phones, alarms, and the printed list.

And where a phone is paired.

Another ground's supervisors find nothing here: row security and the functions that write decide whose an event is.
"""

import time
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for

import qr_codes
from accounts import rights
from database import in_transaction
from extensions import csrf, limiter
from gate import devices, live, paper
from outside import whole_number
from refusals import Refused
from web.guards import device, role
from web.requests import body, int32

bp = Blueprint("supervisor", __name__)


@bp.app_template_filter()
def moment(value):
    """A time of the gates' figures, ISO text or seconds since 1970, as a datetime."""
    return datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value, UTC)


@bp.app_template_filter()
def how_long(ms):
    """So many milliseconds, either way, as people say them: "3 minutes", "2 days"."""
    minutes = max(1, round(abs(ms) / 60_000))
    size, unit = next(each for each in ((1440, "day"), (60, "hour"), (1, "minute")) if minutes >= 2 * each[0] - 1)
    n = round(minutes / size)
    return f"{n} {unit}{'' if n == 1 else 's'}"


@bp.post("/api/gate/pair")  # pyrefly: ignore[bad-specialization]
@csrf.exempt
@limiter.limit("20/minute")
@device
def pair():
    """A phone shows its pairing secret and gets its token."""
    sent = body(one_by_one=True)
    device, token = in_transaction(devices.pair, sent.get("secret"), sent.get("name"))
    expires = int(device.expires_at.timestamp() * 1000)
    response = jsonify(token=token, device={"id": device.id, "name": device.name, "expires_at": expires})
    response.headers["Cache-Control"] = "no-store"
    return response, 201


@bp.get("/gates")
@role(may="run_gates")
def index():
    """The events whose gates this person runs."""
    return render_template(
        "gate/index.html",
        events=devices.events_of(list(rights.grounds("run_gates")), datetime.now(UTC)),
        now=datetime.now(UTC),
    )


@bp.get("/gates/<int:event_id>")
@role(may="run_gates")
def event(event_id):
    """The gates of an event, now."""
    return render_template("gate/event.html", **_seen(event_id))


def _seen(event_id):
    event, stadium = devices.get_gate_event(event_id)
    phones, now = devices.devices_of(stadium.id, event.id), datetime.now(UTC)
    states = {phone.id: devices.state_of(phone, now) for phone in phones}
    working = Counter(gate for phone in phones if states[phone.id] == "works" for gate in phone.gates)
    gates, parks = devices.gates_and_parks(stadium.id)
    return {
        "event": event,
        "stadium": stadium,
        "seen": live.figures(event, working),
        "phones": phones,
        "states": states,
        "gates": {gate.id: gate for gate in gates},
        "parks": {park.id: park for park in parks},
        "now": now,
        "quarters": quarters(now),
    }


def quarters(now):
    """[(moment, where on the axis in per cent)] of the quarter hours that the chart of the last ninety minutes shows.

    Each stands at the left of the bar of its own minute; one that would be cut off at an edge is left out.
    """
    last = now.timestamp() // 900 * 900
    found = [
        (last - 900 * back, 100 * (890 - (now.timestamp() - last + 900 * back) // 60 * 10) / 900) for back in range(6)
    ]
    return [(datetime.fromtimestamp(at, UTC), round(x, 1)) for at, x in reversed(found) if 6 <= x <= 94]


# --- phones ---------------------------------------------------------------------------------------


@bp.get("/gates/<int:event_id>/phones/new")
@role(may="run_gates")
def new_phone(event_id):
    return _phone_form(event_id)


def _phone_form(event_id, problem=None, status=200):
    event, stadium = devices.get_gate_event(event_id)
    gates, parks = devices.gates_and_parks(stadium.id)
    page = render_template(
        "gate/phone.html",
        event=event,
        stadium=stadium,
        gates=gates,
        parks=parks,
        problem=problem,
        failed=bool(problem),
        given=request.form,
    )
    return page, status


@bp.post("/gates/<int:event_id>/phones")
@role(may="run_gates")
def add_phone(event_id):
    """Make a phone, and show its pairing code: this once."""
    event, stadium = devices.get_gate_event(event_id)
    chosen = [
        [n for text in request.form.getlist(name) if (n := whole_number(text, 9)) is not None]
        for name in ("gate", "car_park")
    ]
    try:
        device_id, secret = in_transaction(
            devices.add,
            stadium.id,
            event.id,
            request.form.get("name", ""),
            *chosen,
            request.form.get("may_search") == "on",
        )
    except Refused as refusal:
        return _phone_form(event_id, refusal.sentence, refusal.status)
    link = pairing_link(current_app.config["SETTINGS"], request.host_url, secret)
    page = render_template(
        "gate/pairing.html",
        event=event,
        stadium=stadium,
        device=devices.get_device(device_id),
        link=link,
        qr=qr_codes.svg_path(link),
    )
    return page, 201, {"Cache-Control": "no-store"}


def pairing_link(settings, host_url, secret):
    """What the phone opens.

    A laptop is reached under several names, and the phone needs the one that this page was reached by; an https address
    was set on purpose.
    """
    own = settings.public_url if settings.is_public or settings.is_secure else host_url.rstrip("/")
    return f"{own}/gate#pair={secret}"


@bp.post("/gates/phones/<int:device_id>/revoke")
@role(may="run_gates")
def revoke_phone(device_id):
    event_id = in_transaction(devices.revoke, device_id)
    flash("The phone is out. It is refused with its next call.", "good")
    return redirect(url_for(".event", event_id=event_id, _anchor="phones") if event_id else url_for(".index"), 303)


@bp.post("/gates/alarms/<int:alarm_id>/seen")
@role(may="run_gates")
def see_alarm(alarm_id):
    note = request.form.get("note", "").strip()[:200] or None
    event_id = in_transaction(live.see_alarm, alarm_id, note)
    return redirect(url_for(".event", event_id=event_id, _anchor="alarms"), 303)


# --- paper ----------------------------------------------------------------------------------------


@bp.get("/gates/<int:event_id>/list")
@role(may="run_gates")
def printed(event_id):
    """A list for each gate, to be printed before the doors open: for the day when every phone is dead."""
    event, stadium = devices.get_gate_event(event_id)
    lists = paper.lists(event_id, request.args.get("gate"))
    return render_template(
        "gate/list.html", event=event, stadium=stadium, lists=lists, short=qr_codes.short_code, now=datetime.now(UTC)
    )


@bp.get("/gates/<int:event_id>/marks")
@role(may="run_gates")
def marks(event_id):
    return _marks_form(event_id)


def _marks_form(event_id, status=200, **more):
    event, stadium = devices.get_gate_event(event_id)
    gates, _ = devices.gates_and_parks(stadium.id)
    at = datetime.now(ZoneInfo(stadium.time_zone)).strftime("%H:%M")
    given = {"codes": "", "gate": None, "at": at} | {
        k: request.form[k] for k in ("codes", "gate", "at") if k in request.form
    }
    page = render_template(
        "gate/marks.html",
        event=event,
        stadium=stadium,
        gates=gates,
        given=given,
        **{"result": None, "problem": None, **more},
    )
    return page, status


@bp.post("/gates/<int:event_id>/marks")
@role(may="run_gates")
def enter_marks(event_id):
    """Marks of a printed page become scans; entering the same page twice adds nothing."""
    event, stadium = devices.get_gate_event(event_id)
    try:
        wanted = paper.read(
            request.form.get("codes", ""), request.form.get("at", ""), event, ZoneInfo(stadium.time_zone), time.time()
        )
        result = in_transaction(paper.enter, event_id, request.form.get("gate", type=int32), wanted)
    except Refused as refusal:
        return _marks_form(event_id, refusal.status, problem=refusal.sentence, failed=True)
    live.publish(stadium.id, event_id)
    return _marks_form(event_id, result=result, problem=None)
