"""The demo season: made once, complete, clean, and never in the way of real rows. And the commands that belong to no page."""

from datetime import timedelta

import pytest

import demo
from accounts.passwords import verify
from booking.invariants import check

TABLES = ("stadium", "layout", "seat", "seat_claim", "team", "player", "match", "event", "customer", "staff_role", "booking", "ticket")
TABLES += ("payment_transaction", "parking_pass", "qr_code", "notification", "system_log", "refund", "login_session")


def sizes(rows):
    return {table: rows.value(f"select count(*) from {table}") for table in TABLES}


def run(app, *arguments, **options):
    return app.test_cli_runner().invoke(args=list(arguments), **options)


def test_the_demo_season_is_made_once_and_leaves_real_rows_alone(app, engine, ground, rows):
    rows("update stadium set slug = 'own-' || slug")
    rows("update team set slug = 'own-' || slug")
    real = rows("select id, slug, name, contact_email from stadium order by id"), rows("select * from event order by id")

    done = run(app, "seed-demo")
    assert done.exit_code == 0, done.output
    once = sizes(rows)
    again = run(app, "seed-demo")
    assert again.exit_code == 0 and "stands already" in again.output
    assert sizes(rows) == once
    ids = [row["id"] for row in real[0]]
    assert rows("select id, slug, name, contact_email from stadium where id = any (:ids) order by id", ids=ids) == real[0]
    assert rows("select * from event where stadium_id = any (:ids) order by id", ids=ids) == real[1]

    _grounds_are_complete(rows)
    _fixtures_surround_today(rows)
    _sales_are_true(app, engine, rows)
    _people_can_sign_in(app, rows)


def _grounds_are_complete(rows):
    seats = rows(
        """select s.slug, s.currency, s.time_zone, l.seat_count, l.published_at is not null as published,
                  count(*) as seats, count(distinct t.band) as bands, count(distinct t.stand_id) as stands,
                  min(t.quality) as worst, max(t.quality) as best
             from stadium s join layout l on l.stadium_id = s.id join seat t on t.layout_id = l.id
            where s.slug = any (:slugs) group by s.slug, s.currency, s.time_zone, l.id order by s.slug""",
        slugs=list(demo.GROUNDS),
    )
    assert [(s["slug"], s["currency"], s["time_zone"], s["seat_count"], s["seats"], s["stands"]) for s in seats] == [
        ("lanternside-oval", "AUD", "Australia/Sydney", 60_000, 60_000, 12),
        ("moor-lane", "GBP", "Europe/London", 5_000, 5_000, 5),
    ]
    assert all(s["published"] and s["bands"] == 5 and 0 <= s["worst"] < 300 and 900 < s["best"] <= 1000 for s in seats)
    assert rows.value("select count(*) from seat_row where name in ('I', 'O')") == 0
    assert rows.value("select count(*) from seat where kind = 'restricted'") > 0
    lonely = rows(
        """select t.id from seat t where t.kind = 'accessible' and t.layout_id in (select id from layout where seat_count >= 5000)
              and not exists (select from seat n where n.row_id = t.row_id and n.kind = 'companion' and n.position = t.position + 1)"""
    )
    assert lonely == []
    parks = {
        (row["slug"], row["name"]): row["kinds"]
        for row in rows(
            """select s.slug, c.name, array_agg(b.kind order by b.kind) as kinds from stadium s join car_park c on c.stadium_id = s.id
               join car_park_bays b on b.car_park_id = c.id where s.slug = any (:slugs) group by s.slug, c.name""",
            slugs=list(demo.GROUNDS),
        )
    }
    assert len(parks) == 4 and parks["lanternside-oval", "Pavilion Forecourt"] == ["accessible"]
    assert {r["n"] for r in rows("select count(*) as n from player group by team_id")} == {16}


def _fixtures_surround_today(rows):
    events = rows(
        """select e.*, m.state as match_state, m.result, m.source, m.competition, s.slug, (e.starts_at at time zone s.time_zone)::time as local,
                  e.starts_at - now() as away, l.seat_count, (select count(*) from seat_claim c where c.event_id = e.id) as taken,
                  (select count(*) from event_price p where p.event_id = e.id) as prices
             from event e join stadium s on s.id = e.stadium_id join layout l on l.id = e.layout_id
             join event_match em on em.event_id = e.id join match m on m.id = em.match_id where s.slug = any (:slugs)""",
        slugs=list(demo.GROUNDS),
    )
    (again,) = [e for e in events if e["source"] == "replay"]
    assert again["match_state"] == "live" and again["state"] == "on_sale" and again["slug"] == "lanternside-oval"
    assert (
        again["sale_starts_at"] - again["starts_at"] < -again["away"] < again["sale_ends_at"] - again["starts_at"] and again["prices"] == 15
    )
    events.remove(again)
    past, coming = [e for e in events if e["away"] < timedelta(0)], [e for e in events if e["away"] > timedelta(0)]
    assert len(past) == 19 and all(e["match_state"] == "finished" and e["result"] for e in past)
    assert len(coming) == 13 and max(e["away"] for e in coming) < timedelta(weeks=8, days=1)
    assert {e["slug"] for e in coming} == set(demo.GROUNDS)
    assert all(10 <= e["local"].hour <= 20 and e["prices"] == 15 for e in events)
    assert sorted(e["state"] for e in coming if e["state"] != "on_sale") == ["cancelled", "stopped"]
    assert sum(e["sale_starts_at"] - e["starts_at"] + e["away"] > timedelta(0) for e in coming) == 1
    assert [e["slug"] for e in coming if 0.93 < e["taken"] / e["seat_count"] < 1] == ["moor-lane"]


def _sales_are_true(app, engine, rows):
    with engine.connect() as connection:
        results = check(connection)
    assert [(r.number, r.violations) for r in results if r.count] == []
    assert all(r.looked_at > 0 for r in results), results
    assert run(app, "check-invariants", "--demo").exit_code == 0
    assert rows("select customer_id, event_id from booking where event_id is not null group by 1, 2 having count(*) > 1") == []
    wrong = """select e.id from booking b join event e on e.id = b.event_id
                where b.paid_at > now() or b.paid_at < e.sale_starts_at or b.paid_at > e.sale_ends_at"""
    assert rows(wrong) == []
    unsigned = """select t.id from ticket t join event e on e.id = t.event_id where e.ends_at > now() and t.status <> 'void'
                     and not exists (select from qr_code q where q.ticket_id = t.id and q.revoked_at is null)"""
    assert rows(unsigned) == []
    assert rows("select id from booking where state in ('paid', 'refunded') and link_hash is null") == []


def _people_can_sign_in(app, rows):
    for who, email, password in demo.accounts():
        stored = rows.one(
            "select k.password_hash, c.is_admin from customer c join credential k on k.customer_id = c.id where c.email = :e", e=email
        )
        assert verify(stored["password_hash"], password)[0]
        assert stored["is_admin"] == (who == "platform admin")
    owners = rows(
        """select c.email, s.slug from staff_role r join customer c on c.id = r.customer_id join stadium s on s.id = r.stadium_id
            where r.role = 'owner'"""
    )
    scorers = rows(
        "select c.name, s.slug from staff_role r join customer c on c.id = r.customer_id join stadium s on s.id = r.stadium_id where r.role = 'scorer'"
    )
    assert [(s["name"], s["slug"]) for s in scorers] == [("Sunil Abeysekera", "lanternside-oval")]
    assert {(o["email"], o["slug"]) for o in owners} >= {
        ("omar@demo.cricverse.example", "lanternside-oval"),
        ("petra@demo.cricverse.example", "moor-lane"),
    }


def test_the_demo_stays_away_from_a_real_ground_of_the_same_name(app, ground, rows):
    rows("update stadium set slug = 'moor-lane' where id = :s", s=ground.other_stadium)
    refused = run(app, "seed-demo")
    assert refused.exit_code == 1 and "moor-lane" in refused.output
    assert rows.value("select count(*) from stadium") == 2


def test_the_demo_stays_away_from_a_real_club_of_the_same_name(app, ground, rows):
    rows("update team set slug = 'swan-avocets' where slug = 'herons'")
    refused = run(app, "seed-demo")
    assert refused.exit_code == 1 and "swan-avocets" in refused.output
    assert rows.value("select count(*) from stadium") == 2


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_demo_is_refused_where_real_people_are(database_url, environment):
    with pytest.raises(demo.DemoRefused, match=environment):
        demo.seed(database_url, environment)


def test_an_admin_is_made_and_a_fan_is_promoted(app, cast, rows):
    made = run(app, "create-admin", "Vera@Example.org", input="a very long phrase\na very long phrase\n")
    assert made.exit_code == 0, made.output
    row = rows.one(
        """select c.kind, c.is_admin, k.password_hash from customer c join credential k on k.customer_id = c.id
            where email_key = 'vera@example.org'"""
    )
    assert row["kind"] == "fan" and row["is_admin"] and verify(row["password_hash"], "a very long phrase")[0]
    assert run(app, "create-admin", "ben@example.org").exit_code == 0
    assert rows.value("select is_admin from customer where id = :b", b=cast.ids["ben"])
    assert rows.value("select count(*) from system_log where action = 'admin.created'") == 2


@pytest.mark.parametrize(("email", "answer"), [("nobody", ""), ("vera@example.org", "short\nshort\n")])
def test_an_admin_needs_an_address_and_a_good_password(app, engine, rows, email, answer):
    refused = run(app, "create-admin", email, input=answer)
    assert refused.exit_code == 1 and "Error:" in refused.output
    assert rows.value("select count(*) from customer") == 0


def test_the_jobs_run_once_and_end(app, sandbox, cast):
    done = run(app, "jobs", "run", "--once")
    assert done.exit_code == 0, done.exception


def test_reconciling_says_what_it_did(app, sandbox, cast):
    done = run(app, "reconcile-payments")
    assert done.exit_code == 0 and done.output.startswith("Reconciled: 0 attempts"), done.output
