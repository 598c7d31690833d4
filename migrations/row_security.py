"""Who may read which rows: row security of every table, in one place.

The web role cv_app reads under these policies and writes nothing; the worker cv_worker reads across buyers and writes
nothing either; all writing is done by the definer functions, which belong to cv_rules. Security is enabled and forced
on every table. The first line of a function's file in sql/ says who may execute it. repeatable.py brings it all into a
database.
"""

ANYBODY = "true"
OWN = "customer_id = (select app.uid())"
STAFF = "stadium_id = any ((select app.staff_of())::int[])"
GATE = "stadium_id = any ((select app.gate_of())::int[])"
OF_A_BOOKING = "exists (select from booking b where b.id = booking_id)"  # and booking's own policy decides
# Codes are the buyer's and the link's holder's. Staff see that there are tickets, and never what opens a gate.
OF_OWN_BOOKING = (
    f"exists (select from booking b where b.id = booking_id and b.{OWN}) or booking_id = (select app.link())"
)
OF_AN_EVENT = "exists (select from event e where e.id = event_id)"  # likewise: a draft's prices are the staff's

# table: (rows cv_app reads or None, does cv_worker read it, columns cv_app reads or None for all)
TABLES = {
    "stadium": (ANYBODY, True, None),
    "layout": (ANYBODY, True, None),
    "gate": (ANYBODY, True, None),
    "stand": (ANYBODY, True, None),
    "level": (ANYBODY, True, None),
    "bay": (ANYBODY, True, None),
    "seat_row": (ANYBODY, True, None),
    "seat": (ANYBODY, True, None),
    "car_park": (ANYBODY, True, None),
    "car_park_bays": (ANYBODY, True, None),
    "team": (ANYBODY, True, None),
    "player": (ANYBODY, True, None),
    "official": (ANYBODY, True, None),
    "match": (ANYBODY, True, None),
    "match_official": (ANYBODY, True, None),
    "event": (f"state <> 'draft' or {STAFF}", True, None),
    "event_match": (OF_AN_EVENT, True, None),
    "event_price": (OF_AN_EVENT, True, None),
    "customer": ("id = (select app.uid())", True, None),
    "customer_profile": (OWN, True, None),
    "credential": (None, False, None),
    "login_session": (None, False, None),
    "actor_key": (None, False, None),
    "staff_role": (f"{OWN} or {STAFF}", True, None),
    "membership": (f"{OWN} or {STAFF}", True, None),
    "booking": (f"{OWN} or id = (select app.link()) or {STAFF}", True, None),
    "booking_line": (OF_A_BOOKING, True, None),
    # Which seats are taken is public; by whom is not.
    "seat_claim": (ANYBODY, True, ("event_id", "seat_id", "state", "expires_at")),
    # How a process follows the states of seats: by app.seat_changes alone.
    "seat_move": (None, False, None),
    "parking_claim": (OF_A_BOOKING, True, None),
    "payment_transaction": (OF_A_BOOKING, True, None),
    # Where a hold or a payment came from, and declined cards: keyed hashes that only the definer functions compare.
    "booking_address": (None, False, None),
    "card_decline": (None, False, None),
    # Who waits and for what is told by definer functions: by the link of it, to the fan, and in numbers to the ground.
    "waiting_entry": (None, True, None),
    "waiting_offer": (None, True, None),
    "refund": (OF_A_BOOKING, True, None),
    "refund_line": ("exists (select from refund r where r.id = refund_id)", True, None),
    "payment_event": (None, True, None),
    "ticket": (OF_A_BOOKING, True, None),
    "parking_pass": (OF_A_BOOKING, True, None),
    "signing_key": (None, True, None),
    "qr_code": (OF_OWN_BOOKING, True, None),
    # Who runs the gate sees what happens there. Of a phone's token and a transfer's link only the hashes are kept.
    "gate_device": (GATE, False, None),
    "scan": (GATE, True, None),
    "admission": (GATE, True, None),
    "gate_alarm": (GATE, True, None),
    "ticket_transfer": (OF_A_BOOKING, True, None),
    "notification": (STAFF, True, None),
    "venue": (ANYBODY, True, None),
    "venue_alias": (ANYBODY, True, None),
    "person": (ANYBODY, True, None),
    "match_import": (ANYBODY, True, None),
    "match_snapshot": (ANYBODY, True, None),
    "public_version": (ANYBODY, True, None),
    "match_replay": (ANYBODY, True, None),
    # What was scored is public; who entered it is for that stadium's scorers, by app.scoring_log.
    "match_update": (ANYBODY, True, ("match_id", "seq", "key", "kind", "body", "at", "said_at", "patch", "view_patch")),
    "scorer_lock": (None, False, None),
    # Second scorers' figures are for that stadium's scorers, by app.second_books.
    "second_book": (None, False, None),
    "websocket_process": (None, False, None),
    "websocket_connection": (None, False, None),
    "system_log": ("stream = any ((select app.staff_of())::int[])", True, None),
}

# Sequences of identity columns belong to their tables; the functions' owner uses them through inserts. Only the definer
# functions draw a version of the seats, the others look at the last one.
SEQUENCES = {"seat_version": {"cv_rules": ("usage", "select"), "cv_app": ("select",), "cv_worker": ("select",)}}
SCHEMAS = {schema: {role: ("usage",) for role in ("cv_app", "cv_worker", "cv_rules")} for schema in ("public", "app")}
