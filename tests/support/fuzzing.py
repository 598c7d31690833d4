"""Calls of every kind at every route and socket event: made from the route table and the socket handlers, honest ones
first and then spoilt, by everybody who may come.

What a server error is, `Fuzz.errors` says: a status of 500 or more, an exception that leaves the application, or a
traceback in a log. 503 is an answer where the database is busy or a provider away, and neither is here.
"""

import hashlib
import hmac
import json
import logging
import random
import re
import sys
import time
import traceback
import uuid
from collections import Counter
from datetime import datetime, timedelta
from itertools import product
from urllib.parse import quote, urlencode

import structlog
from hypothesis import strategies as st
from werkzeug.test import create_environ

from cricket.engine.totals import FIGURES
from tests.support.cast import PASSWORD
from tests.support.gating import Phone, open_doors
from tests.support.lining import in_line
from tests.support.owning import parked
from tests.support.scoring import Scorer, ball, keyed, opening
from tests.support.selling import hold, paid_booking
from tests.support.spoiling import HEADERS, PACKETS, QUERIES, RAW, TYPES, spoilt, texts, values, vocabulary
from tickets import links, transfers

ROLES = {"sell": "omar", "score": "sunil", "run_gates": "grace", "fan": "asha"}
SLOW = {
    "tickets.paper",
    "tickets.linked_paper",
    "transfers.paper",
    "discovery.card",
    "discovery.site_card",
    "accounts.enter",
    "accounts.register",
}
PEOPLE = ("asha", "ben", "omar", "petra", "ada", "sunil", "grace", "gus", None)  # None: a visitor


class Fuzz:
    """The stage, and calls at it. `play(draw)` makes one and sends it; `errors` is what went wrong, by kind."""

    def __init__(self, app, cast, rows, ground, sandbox):
        self.app, self.cast, self.rows, self.ground, self.sandbox = app, cast, rows, ground, sandbox
        self.errors, self.counts = {}, Counter()
        self.vocabulary = vocabulary()
        self.routes = [
            rule for rule in app.url_map.iter_rules() if "<path:filename>" not in rule.rule or rule.rule.count("<") == 2
        ]
        self.handlers = sorted(app.extensions["live"].socketio.server.handlers["/"])
        self.traces = _Traces(self)
        self.prepare()

    # --- the stage ----------------------------------------------------------------------------------

    def prepare(self):
        ground, rows = self.ground, self.rows
        asha, ben, sunil = (self.cast.browser(who) for who in ("asha", "ben", "sunil"))
        open_doors(rows, ground.event)
        contact = {"name": "Asha Rao", "email": "asha@example.org"}
        sold = paid_booking(asha, ground, ["A1", "A2", "A3"], self.sandbox, **contact)
        held = hold(ben, ground.event, ground.ids("B1", "B2"))
        scorer = Scorer(sunil, ground.match)
        scorer.take()
        scorer.send(opening())
        scorer.send([ball(1)])
        tickets = [str(row["id"]) for row in rows("select id from ticket order by line_id")]
        with self.app.app_context():
            booking_link = links.link_token(sold["id"])
        for right, name in zip(tickets, ("Ravi", "Lea"), strict=False):
            asha.post(f"/tickets/{sold['id']}/rights/{right}/send", name=name, email=f"{name.lower()}@example.org")
        nonces = [
            row["nonce"]
            for row in rows(
                "select payload ->> 'nonce' as nonce from notification where template = 'transfer_offer' order by id"
            )
        ]
        with self.app.app_context():
            offers = [transfers.offer_token(nonce) for nonce in nonces]
        taken = asha.post(f"/t/offer/{offers[0]}", name="Ravi").location.rsplit("/", 1)[1]
        bay = parked(asha, rows, ground, self.sandbox)
        lines = [row["id"] for row in rows("select id from booking_line order by id")]
        phone = Phone(self.app, rows, ground.stadium, ground.event, [ground.gate], [ground.car_park], may_search=True)
        secret = "a-pairing-secret-of-the-fuzz"
        new = rows.value(
            """insert into gate_device (stadium_id, event_id, name, gates, car_parks, may_search, pairing_hash,
                                        pairing_until, created_at)
               values (:s, :e, 'New', :g, '{}', false, :h, now() + interval '1 day', now())
               returning id""",
            s=ground.stadium,
            e=ground.event,
            g=[ground.gate],
            h=hashlib.sha256(secret.encode()).digest(),
        )
        self.phone, self.scorer = phone, scorer
        code = rows.value("select code from qr_code where revoked_at is null order by ticket_id limit 1")
        tomorrow = (datetime.now() + timedelta(days=1)).date()
        seats = list(ground.seats.values())
        self.known = {
            "booking_id": [sold["id"], held["id"], bay["id"]],
            "line_id": [*reversed(lines)],
            "event_id": [ground.event, ground.other_event],
            "stadium_id": [ground.stadium],
            "match_id": [ground.match],
            "layout_id": [ground.layout],
            "player_id": [1],
            "device_id": [new],
            "alarm_id": [1],
            "slug": ["lanternside", "terns"],
            "right": [tickets[1], tickets[0], str(rows.value("select id from parking_pass"))],
            "action": ["name", "send", "withdraw", "replace", "apple"],
            "payment_intent_id": [sold["intent"]],
            "version": ["x"],
            "filename": ["css/site+home.css", "js/map/map.js"],
        }
        self.tokens = {
            "transfers.offer": offers[1:],
            "transfers.accept": offers[1:],
            "transfers.holder": [taken],
            "transfers.holder_handle": [taken],
            "transfers.paper": [taken],
            **dict.fromkeys(
                (f"waiting.{act}" for act in ("place", "take", "decline", "leave")), in_line(self.app, rows, ground)
            ),
            "": [booking_link],
        }
        now = int(time.time() * 1000)
        self.forms = {
            "accounts.enter": {"email": "ben@example.org", "password": PASSWORD},
            "accounts.register": {"name": "New", "email": "new@example.org", "password": PASSWORD},
            "bookings.hold": {"seat_id": str(seats[8])},
            "bookings.set_types": {f"type-{lines[0]}": "child"},
            "checkout.confirm": {"name": "Ben", "email": "ben@example.org"},
            "parking.hold": {
                "bay": f"{ground.car_park}-standard",
                "plate": "ABC123",
                "event": str(ground.event),
                "window": "1",
            },
            "parking.choose": {"from": f"{tomorrow}T10:00", "to": f"{tomorrow}T12:00"},
            "parking.set_plate": {"plate": "ABC123", "next": "/tickets"},
            "tickets.plate": {"plate": "ABC123"},
            "tickets.give_back": {"line": str(lines[0])},
            "tickets.send_links": {"email": "asha@example.org"},
            "transfers.handle": {"name": "Mia", "email": "mia@example.org"},
            "transfers.accept": {"name": "Mia"},
            "waiting.enter": {"best_count": "1", "email": "mia@example.org"},
            "owner.set_sale": {"state": "resume"},
            "owner.set_codes": {"rotating": "off"},
            "owner.set_companions": {"hours": "24"},
            "owner.cancel_for_good": {"name": "no such match", "note": "rain"},
            "owner.block": {"place": "Cooper Stand, row B", "seat_id": str(seats[12])},
            "owner.unblock": {"place": "Cooper Stand, row B", "seat_id": str(seats[12])},
            "owner.give_back": {"line": str(lines[0]), "amount": "1", "note": "x"},
            "supervisor.add_phone": {"name": "Gate C, left", "gate": str(ground.gate), "may_search": "on"},
            "supervisor.enter_marks": {"codes": "ABCD EFGH", "gate": str(ground.gate), "at": "00:01"},
            "supervisor.see_alarm": {"note": "seen"},
        }
        for endpoint in ("give_back", "plate"):
            self.forms[f"tickets.linked_{endpoint}"] = self.forms[f"tickets.{endpoint}"]
        self.forms["transfers.linked_handle"] = self.forms["transfers.holder_handle"] = self.forms["transfers.handle"]
        self.bodies = {
            "api.hold": [
                {"seat_ids": [seats[9]], "ticket_types": ["adult"]},
                {
                    "best": {
                        "count": 1,
                        "band": "C",
                        "stand": None,
                        "together": True,
                        "accessible": True,
                        "bay": {"plate": "ABC123", "car_park": ground.car_park},
                    }
                },
            ],
            "checkout.address_hint": [{"email": "ben@gmial.com"}],
            "tickets.paper_hint": [{"name": "བོད Ben"}],
            "payments.create_booking_payment": [{"booking_id": held["id"], "name": "Ben", "email": "ben@example.org"}],
            "payments.create_parking_payment": [{"booking_id": held["id"], "name": "Ben", "email": "ben@example.org"}],
            "supervisor.pair": [{"secret": secret, "name": "Phone"}],
            "gate_api.post_sync": [
                {"cursor": 0, "revocations": 0, "state": {"battery": 0.5, "waiting": 3, "version": "1", "list_at": now}}
            ],
            "gate_api.post_scans": [
                {
                    "scans": [
                        {
                            "id": str(uuid.UUID(int=7)),
                            "kind": "entry",
                            "mode": "camera",
                            "code": code,
                            "at": now,
                            "offset": 0,
                            "synced_at": now,
                            "counter": 1,
                            "gate": ground.gate,
                            "car_park": None,
                        },
                        {
                            "id": str(uuid.UUID(int=8)),
                            "kind": "undo",
                            "mode": "override",
                            "of": str(uuid.UUID(int=7)),
                            "reason": "x",
                            "at": now,
                            "shown": None,
                            "via": None,
                        },
                        {
                            "id": str(uuid.UUID(int=9)),
                            "kind": "exit",
                            "mode": "typed",
                            "hash": "AAAAAAAAAAA",
                            "at": now,
                            "shown": "left",
                            "reason": "r",
                        },
                    ]
                },
            ],
            "scorer.take": [{"take": True}],
            "scorer.check": [
                {
                    "begun": {"innings": 0, "over": 0},
                    "overs": [1],
                    "totals": [
                        {"innings": 0, "over": 1, **dict.fromkeys(FIGURES, 0)}
                        | {"batters": [["t1", 0, 6], ["t2", 0, 0]], "bowler": ["h11", 6, 0, 0]}
                    ],
                }
            ],
            "scorer.record": [
                {"after": scorer.seq, "events": keyed([ball(4)], "f")},
                {
                    "after": scorer.seq,
                    "events": [
                        {
                            "key": "c1",
                            "kind": "correction",
                            "body": {
                                "changes": [
                                    {
                                        "of": "s1.1",
                                        "body": {"striker": "t1", "non_striker": "t2", "bowler": "h11", "bat": 2},
                                    }
                                ]
                            },
                            "at": "2026-11-30T10:00:00Z",
                        }
                    ],
                },
                {"after": scorer.seq, "events": [{"key": "u1", "kind": "undo", "body": {"of": "s1.1"}}]},
            ],
            "payments.stripe_webhook": [
                {
                    "id": "evt_fuzz",
                    "object": "event",
                    "type": "payment_intent.succeeded",
                    "livemode": False,
                    "created": now // 1000,
                    "data": {
                        "object": {
                            "id": sold["intent"],
                            "object": "payment_intent",
                            "payment_intent": None,
                            "metadata": {"a": "b"},
                        }
                    },
                },
                *(
                    {
                        "id": f"evt_{kind}",
                        "object": "event",
                        "type": kind,
                        "livemode": False,
                        "data": {"object": thing},
                    }
                    for kind, thing in (
                        (
                            "charge.failed",
                            {
                                "id": "ch_1",
                                "object": "charge",
                                "payment_intent": sold["intent"],
                                "payment_method_details": {"card": {"fingerprint": "f"}},
                            },
                        ),
                        (
                            "payment_intent.payment_failed",
                            {
                                "id": sold["intent"],
                                "object": "payment_intent",
                                "last_payment_error": {
                                    "type": "card_error",
                                    "charge": "ch_2",
                                    "payment_method": {"card": {"fingerprint": "f"}},
                                },
                            },
                        ),
                        ("charge.dispute.created", {"id": "dp_1", "object": "dispute", "payment_intent": "pi_x"}),
                        ("refund.updated", {"id": "re_1", "object": "refund", "payment_intent": sold["intent"]}),
                    )
                ),
            ],
            "sockets": [
                {
                    "match_id": ground.match,
                    "event_id": ground.event,
                    "stadium_id": ground.stadium,
                    "staff": True,
                    "gates": True,
                }
            ],
        }
        self.clients = {}
        for who in PEOPLE:
            browser = self.cast.browser(who) if who else None
            client = browser.client if browser else self.app.test_client()
            session = client.get_cookie("cv_session")
            self.clients[who] = [client, session.value if session else None, None]
        self.repair()

    def repair(self):
        """Put back what calls took away, so that the next ones get in again."""
        self.rows("update login_session set ended_at = null, seen_at = now()")
        self.rows("update event set state = 'on_sale' where state = 'stopped'")
        self.rows(
            """insert into scorer_lock (match_id, customer_id, name, token_hash) values (:m, :c, 'Sunil', :t)
               on conflict (match_id) do update set customer_id = excluded.customer_id,
                                                    token_hash = excluded.token_hash""",
            m=self.ground.match,
            c=self.cast.ids["sunil"],
            t=hashlib.sha256(self.scorer.lock.encode()).digest(),
        )
        for known in self.clients.values():
            client, session, _ = known
            client._cookies.clear()
            if session:
                client.set_cookie("cv_session", session)
            known[2] = client.get("/api/csrf-token").get_json()["token"]

    def honest(self):
        """One call of each route as it is meant; the endpoints that let nobody in, for a fuzz that stays outside proves
        nothing.
        """
        outside = set()
        for rule in self.routes:
            own = ROLES.get(self.guard_of(rule))
            for number, who in product(range(4), (own,) if own else ("asha", "ben", None)):
                status = self.call_as_meant(rule, number, who)
                if status and status not in (400, 401, 403, 404, 405):
                    break
            else:
                outside.add(rule.endpoint)
            if rule.endpoint in ("accounts.sign_out", "accounts.enter", "accounts.register"):
                self.repair()
        return outside

    def call_as_meant(self, rule, number, who):
        """Send what the stage has for this route, its values of this number; the status of the answer."""
        self.counts["calls"] += 1

        def value(match):
            values = self.values_of(rule, match[1])
            return quote(str(values[number % len(values)]))

        path, endpoint = re.sub(r"<([^>]+)>", value, rule.rule), rule.endpoint
        method, fields, body = min(rule.methods - {"OPTIONS", "HEAD"}), urlencode(self.forms.get(endpoint, {})), {}
        if method == "GET":
            path += f"?{fields}"
        elif endpoint in self.bodies:
            body = {"data": json.dumps(self.bodies[endpoint][0]).encode(), "content_type": "application/json"}
        else:
            body = {"data": fields, "content_type": "application/x-www-form-urlencoded"}
        return self.send(who, method, path, self.tokens_for(rule, who, body), body)

    # --- one call ------------------------------------------------------------------------------------

    def play(self, draw):
        """Make one call and send it. What is chosen comes from a number that Hypothesis draws, what is spoilt from its
        strategies.
        """
        chance = self.chance = random.Random(draw(st.integers(0, 2**64 - 1)))
        if self.counts["calls"] % 100 == 99:
            self.repair()
        self.counts["calls"] += 1
        if not chance.randrange(10):
            return self.say(draw)
        rule = chance.choice(self.routes)
        while rule.endpoint in SLOW and chance.randrange(8):
            rule = chance.choice(self.routes)
        if not chance.randrange(4):  # what reads an object has the most to go wrong
            rule = chance.choice([rule for rule in self.routes if rule.endpoint in self.bodies])
        guard = self.guard_of(rule)
        method = chance.choice(sorted(rule.methods - {"OPTIONS", "HEAD"}))
        if not chance.randrange(30):
            method = chance.choice(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
        who = ROLES.get(guard, chance.choice(["asha", "ben", None])) if chance.randrange(6) else chance.choice(PEOPLE)
        path, query, body = self.path(draw, rule), {}, {}
        names = self.vocabulary.get(rule.endpoint.partition(".")[0], [])
        if method in ("GET", "HEAD"):
            query = dict(self.forms.get(rule.endpoint, {}))
        if names and not chance.randrange(3):
            query |= {chance.choice(names): draw(texts) for _ in range(chance.randrange(1, 4))}
        if method not in ("GET", "HEAD"):
            body = self.body(draw, rule.endpoint, names)
        headers = self.tokens_for(rule, who, body)
        if not chance.randrange(6):
            name = chance.choice(sorted(HEADERS))
            headers[name] = chance.choice(HEADERS[name])
        if query:
            path += "?" + urlencode({k: v.encode("utf-8", "surrogatepass") for k, v in query.items()})
        elif not chance.randrange(30):
            path += "?" + chance.choice(QUERIES)
        self.send(who, method, path, headers, body)

    def path(self, draw, rule):
        chance = self.chance

        def value(match):
            if chance.randrange(5):
                return quote(str(chance.choice(self.values_of(rule, match[1]))))
            if match[1].startswith("int:"):
                return chance.choice(["0", "1", str(2**31 - 1), str(2**31), str(2**63), "9" * 400, "007", "-1"])
            return quote(draw(texts).encode("utf-8", "surrogatepass"), safe="") or "x"

        return re.sub(r"<([^>]+)>", value, rule.rule)

    def body(self, draw, endpoint, names):
        chance = self.chance
        if not chance.randrange(10):
            return {"data": draw(st.sampled_from(RAW) | st.binary(max_size=20)), "content_type": chance.choice(TYPES)}
        if endpoint in self.bodies:
            sent = chance.choice(self.bodies[endpoint])
            for _ in range(chance.randrange(3)):
                sent = spoilt(chance, draw, sent)
            if endpoint == "scorer.record" and isinstance(sent, dict) and chance.randrange(4):
                sent = sent | {"after": self.rows.value("select coalesce(max(seq), 0) from match_update")}
            return {"data": json.dumps(sent).encode(), "content_type": "application/json"}
        fields = dict(self.forms.get(endpoint, {}))
        for name in chance.choices(sorted({*fields, *names}), k=chance.randrange(3)) if fields or names else ():
            if chance.randrange(5):
                fields[name] = draw(texts)
            else:
                fields.pop(name, None)
        data = urlencode([(k, v.encode("utf-8", "surrogatepass")) for k, v in fields.items()]).encode()
        return {"data": data, "content_type": "application/x-www-form-urlencoded"}

    def guard_of(self, rule):
        return getattr(self.app.view_functions[rule.endpoint], "guard", None)

    def values_of(self, rule, variable):
        """Two values or more that this variable of a route may honestly have."""
        name = variable.rpartition(":")[2]
        return self.tokens.get(rule.endpoint, self.tokens[""]) if name == "token" else self.known[name]

    def tokens_for(self, rule, who, body):
        """The headers that let a call in."""
        headers, guard = {"X-CSRF-Token": self.clients[who][2]}, self.guard_of(rule)
        if guard == "device":
            headers["Authorization"] = f"Bearer {self.phone.token}"
        elif guard == "score":
            headers["X-Scoring-Lock"] = self.scorer.lock
        elif guard == "signed":
            headers["Stripe-Signature"] = self.signature(body.get("data", b""))
        return headers

    def signature(self, body):
        at = int(time.time())
        secret = self.app.config["SETTINGS"].stripe_webhook_secret
        signed = hmac.new(secret.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
        return f"t={at},v1={signed}"

    def send(self, who, method, path, headers, body):
        client = self.clients[who][0]
        call = f"{who or 'visitor'}: {method} {path[:300]} {headers} {repr(body)[:400]}"
        self.traces.call = call
        environ = {
            f"HTTP_{n.upper().replace('-', '_')}": v
            for n, v in headers.items()
            if n not in ("Content-Length", "Content-Type")
        }
        if "Cookie" in headers:
            environ["HTTP_COOKIE"] += "; " + "; ".join(f"{c.key}={c.value}" for c in client._cookies.values())
        if "Content-Length" in headers:
            environ["CONTENT_LENGTH"] = headers["Content-Length"]
        try:
            answer = client.open(path, method=method, environ_overrides=environ, buffered=True, **body)
            answer.close()
        except Exception as error:
            self.note(f"{method} {path.partition('?')[0]} raised {type(error).__name__}", call, traceback.format_exc())
            return None
        self.counts[answer.status_code] += 1
        if answer.status_code >= 500:
            self.note(f"{method} {path.partition('?')[0]} {answer.status_code}", call, "")
        return answer.status_code

    # --- one message ---------------------------------------------------------------------------------

    def say(self, draw):
        """Connect as somebody, and say some things."""
        chance, who = self.chance, self.chance.choice(PEOPLE)
        live = self.app.extensions["live"]
        packets = []
        for _ in range(chance.randrange(1, 5)):
            if chance.randrange(4):
                data = self.bodies["sockets"][0]
                for _ in range(chance.randrange(3)):
                    data = spoilt(chance, draw, data)
                packets.append("2" + json.dumps([chance.choice(self.handlers), data]))
            elif chance.randrange(2):
                packets.append(draw(st.sampled_from(PACKETS) | st.binary(max_size=10) | texts))
            else:
                packets.append("2" + json.dumps([draw(texts), draw(values)]))
        self.traces.call = f"{who or 'visitor'}: socket {repr(packets)[:600]}"
        auth = json.dumps(draw(values)) if not chance.randrange(6) else ""
        wire, cookie = uuid.uuid4().hex, f"cv_session={self.clients[who][1]}"
        environ = create_environ("/socket.io/", headers={"Cookie": cookie}) | {"flask.app": self.app}
        handlers = live.socketio.server.eio.handlers
        try:
            handlers["connect"](wire, environ)
            for packet in (f"0{auth}", *packets):
                if wire in live.socketio.server.environ:
                    handlers["message"](wire, packet)
            handlers["disconnect"](wire, "client disconnect")
        except Exception as error:
            self.note(f"socket raised {type(error).__name__}", self.traces.call, traceback.format_exc())
        self.counts["socket"] += 1

    def note(self, kind, call, trace):
        kind = re.sub(r"\d+", "N", kind)
        self.errors.setdefault(kind[:200], []).append((call, trace))

    def report(self):
        """Every kind of error with its first call."""
        return "\n\n".join(
            f"{kind} ({len(found)}×)\n  {found[0][0]}\n{found[0][1][-1800:]}" for kind, found in self.errors.items()
        )


class _Traces(logging.Handler):
    """Tracebacks in any log while calls run, each an error of the call before it."""

    def __init__(self, fuzz):
        super().__init__()
        self.fuzz, self.call = fuzz, ""

    def __enter__(self):
        logging.getLogger().addHandler(self)
        self.before = structlog.get_config()["processors"]
        structlog.configure(processors=[self.look, *self.before])
        return self

    def __exit__(self, *_):
        logging.getLogger().removeHandler(self)
        structlog.configure(processors=self.before)

    def emit(self, record):
        if record.exc_info:
            self.found(record.getMessage(), record.exc_info)

    def look(self, logger, method, event):
        if event.get("exc_info"):
            self.found(event.get("event"), event["exc_info"])
        return event

    def found(self, said, exc_info):
        error = (
            exc_info
            if isinstance(exc_info, BaseException)
            else exc_info[1]
            if isinstance(exc_info, tuple)
            else sys.exc_info()[1]
        )
        lines = "".join(traceback.format_exception(error)) if error else ""
        place = re.findall(r'File "[^"]*/([^"/]+/[^"/]+)", line (\d+)', lines)
        ours = [f"{p}:{n}" for p, n in place if ".venv" not in p][-1:] or place[-1:]
        self.fuzz.note(f"logged {said}: {type(error).__name__} at {ours}", self.call, lines)
