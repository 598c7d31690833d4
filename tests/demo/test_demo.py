"""The demo season: made once, complete, clean, and never in the way of real rows.

And the commands that belong to no page.
"""

from datetime import timedelta
from math import hypot

import pytest

import demo
from accounts.passwords import hash_again
from booking.invariants import check

TABLES = (
    "stadium",
    "layout",
    "seat",
    "seat_claim",
    "team",
    "player",
    "match",
    "event",
    "customer",
    "staff_role",
    "booking",
    "ticket",
)
TABLES += ("payment_transaction", "parking_pass", "qr_code", "notification", "system_log", "refund", "login_session")


def sizes(rows):
    return {table: rows.value(f"select count(*) from {table}") for table in TABLES}


def run(app, *arguments, **options):
    return app.test_cli_runner().invoke(args=list(arguments), **options)


def test_the_demo_season_is_made_once_and_leaves_real_rows_alone(app, database_url, engine, ground, rows):
    rows("update stadium set slug = 'own-' || slug")
    rows("update team set slug = 'own-' || slug")
    rows("insert into player (team_id, name, role, shirt) select min(id), 'Ines Real', 'bowler', 7 from team")
    real = (
        rows("select id, slug, name, contact_email from stadium order by id"),
        rows("select * from event order by id"),
    )

    done = run(app, "seed-demo", "--rows-only")
    assert done.exit_code == 0, done.output
    assert (
        demo.is_unfinished(database_url)
        and rows.value("select count(*) from qr_code") == rows.value("select count(*) from match_update") == 0
    )
    done = run(app, "seed-demo")
    assert done.exit_code == 0 and "finished" in done.output
    assert (
        not demo.is_unfinished(database_url) and rows.value("select count(distinct match_id) from match_update") >= 16
    )
    once = sizes(rows)
    again = run(app, "seed-demo")
    assert again.exit_code == 0 and "stands already" in again.output
    assert sizes(rows) == once
    ids = [row["id"] for row in real[0]]
    assert (
        rows("select id, slug, name, contact_email from stadium where id = any (:ids) order by id", ids=ids) == real[0]
    )
    assert rows("select * from event where stadium_id = any (:ids) order by id", ids=ids) == real[1]
    assert rows.one("select bats, bowls from player where name = 'Ines Real'") == {"bats": "", "bowls": ""}
    rows("delete from player where name = 'Ines Real'")

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
        ("hopyard-ground", "AUD", "Australia/Hobart", 11_000, 11_000, 7),
        ("ironbark-stadium", "AUD", "Australia/Brisbane", 100_000, 100_000, 10),
        ("lanternside-oval", "AUD", "Australia/Sydney", 60_000, 60_000, 12),
        ("moor-lane", "NZD", "Pacific/Auckland", 5_000, 5_000, 5),
        ("reedbed-oval", "AUD", "Australia/Adelaide", 40_000, 40_000, 7),
        ("salt-pan-ground", "AUD", "Australia/Perth", 18_000, 18_000, 6),
        ("tidewall-park", "NZD", "Pacific/Auckland", 16_500, 16_500, 4),
    ]
    assert all(s["published"] and s["bands"] == 5 and 0 <= s["worst"] < 300 and 900 < s["best"] <= 1000 for s in seats)
    assert rows.value("select count(*) from seat_row where name in ('I', 'O')") == 0
    shapes = "select array_agg(distinct shape order by shape) from stadium where slug = any (:slugs)"
    assert rows.value(shapes, slugs=list(demo.GROUNDS)) == ["bank", "bowl", "horseshoe", "pavilion"]
    kinds = (
        "select array_agg(distinct kind order by kind) from seat t join layout l on l.id = t.layout_id "
        "where l.seat_count >= 5000"
    )
    assert rows.value(kinds) == ["accessible", "companion", "members", "restricted", "standard", "unreserved"]
    lonely = rows(
        """select t.id from seat t where t.kind = 'accessible'
              and t.layout_id in (select id from layout where seat_count >= 5000)
              and not exists (select from seat n
                               where n.row_id = t.row_id and n.kind = 'companion'
                                 and abs(n.position - t.position) = 1)"""
    )
    assert lonely == []
    parks = {
        (row["slug"], row["name"]): row["kinds"]
        for row in rows(
            """select s.slug, c.name, array_agg(b.kind order by b.kind) as kinds from stadium s
                 join car_park c on c.stadium_id = s.id
               join car_park_bays b on b.car_park_id = c.id where s.slug = any (:slugs) group by s.slug, c.name""",
            slugs=list(demo.GROUNDS),
        )
    }
    # One ground has no parking, and one has accessible bays alone.
    assert {slug for slug, _ in parks} == set(demo.GROUNDS) - {"tidewall-park"}
    assert [kinds for (slug, _), kinds in parks.items() if slug == "salt-pan-ground"] == [["accessible"]]
    homes = rows(
        "select t.slug, s.slug as home, t.about from team t left join stadium s on s.id = t.home_stadium_id "
        "where t.slug = any (:c)",
        c=list(demo.CLUBS),
    )
    assert len(homes) == 8 and {h["home"] for h in homes} == set(demo.GROUNDS) and all(h["about"] for h in homes)
    assert rows.value("select count(*) from player where bats = ''") == 0
    _seats_lie_well(rows)
    assert {r["n"] for r in rows("select count(*) as n from player group by team_id")} == {16}


def _doors_stand_open(rows, event):
    devices = rows("select * from gate_device where event_id = :e", e=event)
    assert len(devices) == 2 and all(d["token_hash"] and d["seen_at"] and d["gates"] for d in devices)
    sold, inside = (
        rows.value(f"select count(*) from {table} where event_id = :e", e=event) for table in ("ticket", "admission")
    )
    assert 200 < sold and inside == sold // 2
    found = {r["outcome"] for r in rows("select distinct outcome from scan where event_id = :e", e=event)}
    assert found == {"admitted", "already_used", "wrong_gate"}
    assert rows.value("select count(*) from gate_alarm") == 0
    # They came one after the other, from the opening on.
    assert (
        rows.value("select count(distinct date_trunc('minute', at)) from admission where event_id = :e", e=event) > 20
    )


def _fixtures_surround_today(rows):
    events = rows(
        """select e.*, em.match_id, m.format, m.state as match_state, m.result, m.source, m.competition, s.slug,
                  (e.starts_at at time zone s.time_zone)::time as local,
                  e.starts_at - now() as away, l.seat_count,
                  (select count(*) from seat_claim c where c.event_id = e.id) as taken,
                  (select count(*) from event_price p where p.event_id = e.id) as prices
             from event e join stadium s on s.id = e.stadium_id join layout l on l.id = e.layout_id
             join event_match em on em.event_id = e.id join match m on m.id = em.match_id
            where s.slug = any (:slugs) order by e.starts_at, m.starts_at""",
        slugs=list(demo.GROUNDS),
    )
    (again,) = [e for e in events if e["source"] == "replay"]
    assert again["match_state"] == "live" and again["state"] == "on_sale" and again["slug"] == "lanternside-oval"
    assert (
        again["sale_starts_at"] - again["starts_at"] < -again["away"] < again["sale_ends_at"] - again["starts_at"]
        and again["prices"] == 15
    )
    events.remove(again)
    (open_now,) = [e for e in events if (e["competition"], e["slug"]) == ("Practice match", "hopyard-ground")]
    assert timedelta(minutes=30) < open_now["away"] < timedelta(minutes=56) and open_now["gates_open_at"] - open_now[
        "starts_at"
    ] == -timedelta(minutes=90)
    events.remove(open_now)
    _doors_stand_open(rows, open_now["id"])
    past, coming = [e for e in events if e["away"] < timedelta(0)], [e for e in events if e["away"] > timedelta(0)]
    assert len(past) >= 19 and all(e["match_state"] == "finished" and e["result"] not in (None, "?") for e in past)
    assert max(e["away"] for e in coming) < timedelta(weeks=8, days=1)
    assert {e["slug"] for e in coming} == set(demo.GROUNDS)
    assert all(10 <= e["local"].hour <= 20 and e["prices"] == 15 for e in events)
    assert sorted(e["state"] for e in coming if e["state"] != "on_sale") == ["cancelled", "stopped"]
    assert sum(e["sale_starts_at"] - e["starts_at"] + e["away"] > timedelta(0) for e in coming) == 1
    assert [e["slug"] for e in coming if 0.93 < e["taken"] / e["seat_count"] < 1] == ["moor-lane"]
    assert [e["slug"] for e in coming if e["taken"] == e["seat_count"]] == ["moor-lane"]
    days = [e for e in coming if e["format"] == "Test"]
    assert (
        len(days) == 5
        and len({e["match_id"] for e in days}) == 1
        and [e["name"].rpartition(", ")[2] for e in days] == [f"day {n}" for n in range(1, 6)]
    )
    double = [e for e in coming if sum(e["id"] == other["id"] for other in coming) == 2]
    assert len(double) == 2 and " and " in double[0]["name"] and double[0]["slug"] == "ironbark-stadium"
    assert (
        rows.value(
            "select count(*) from membership m join customer c on c.id = m.customer_id "
            "where c.email_key like 'asha@%' and m.until > current_date"
        )
        == 1
    )


def _seats_lie_well(rows):
    """Every row has its place on the plan; neighbours sit at least four decimetres apart, and nobody on the field."""
    shapes = rows(
        """select s.slug, r.shape, max(t.position) as span from seat_row r join seat t on t.row_id = r.id
             join layout l on l.id = t.layout_id
             join stadium s on s.id = l.stadium_id where s.slug = any (:slugs) group by s.slug, r.id""",
        slugs=list(demo.GROUNDS),
    )
    assert all(row["shape"] for row in shapes)
    for row in shapes:
        x0, y0, x1, y1, bend = row["shape"]
        assert hypot(x1 - x0, y1 - y0) / row["span"] >= 4, row
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        assert min(hypot(x0, y0), hypot(x1, y1), hypot(*middle) + bend) > 450, row


def _sales_are_true(app, engine, rows):
    with engine.connect() as connection:
        results = check(connection)
    assert [(r.number, r.violations) for r in results if r.count] == []
    assert all(r.looked_at > 0 for r in results), results
    assert run(app, "check-invariants", "--demo").exit_code == 0
    assert (
        rows("select customer_id, event_id from booking where event_id is not null group by 1, 2 having count(*) > 1")
        == []
    )
    wrong = """select e.id from booking b join event e on e.id = b.event_id
                where b.paid_at > now() or b.paid_at < e.sale_starts_at or b.paid_at > e.sale_ends_at"""
    assert rows(wrong) == []
    unsigned = """select t.id from ticket t join event e on e.id = t.event_id
                   where e.ends_at > now() and t.status <> 'void'
                     and not exists (select from qr_code q where q.ticket_id = t.id and q.revoked_at is null)"""
    assert rows(unsigned) == []
    assert rows("select id from booking where state in ('paid', 'refunded') and link_hash is null") == []


def _people_can_sign_in(app, rows):
    for who, email, password in demo.accounts():
        stored = rows.one(
            "select k.password_hash, c.is_admin from customer c join credential k on k.customer_id = c.id "
            "where c.email = :e",
            e=email,
        )
        assert hash_again(stored["password_hash"], password) == stored["password_hash"]
        assert stored["is_admin"] == (who == "platform admin")
    owners = rows(
        """select c.email, s.slug from staff_role r join customer c on c.id = r.customer_id
             join stadium s on s.id = r.stadium_id
            where r.role = 'owner'"""
    )
    scorers = rows(
        "select c.name, s.slug from staff_role r join customer c on c.id = r.customer_id "
        "join stadium s on s.id = r.stadium_id where r.role = 'scorer'"
    )
    assert [(s["name"], s["slug"]) for s in scorers] == [("Sunil Abeysekera", "lanternside-oval")]
    assert {(o["email"], o["slug"]) for o in owners} >= {
        ("omar@demo.cricverse.example", "lanternside-oval"),
        ("petra@demo.cricverse.example", "moor-lane"),
    }


def test_a_demo_of_an_older_version_is_left_alone(app, ground, rows):
    rows(
        "update stadium set slug = 'lanternside-oval', contact_email = 'office@demo.cricverse.example' where id = :s",
        s=ground.stadium,
    )
    before = sizes(rows)
    again = run(app, "seed-demo")
    assert again.exit_code == 0 and "stands already" in again.output and sizes(rows) == before


def test_the_demo_stays_away_from_a_real_ground_of_the_same_name(app, ground, rows):
    rows("update stadium set slug = 'moor-lane' where id = :s", s=ground.other_stadium)
    refused = run(app, "seed-demo")
    assert refused.exit_code == 1 and "moor-lane" in refused.output
    assert rows.value("select count(*) from stadium") == 2


def test_an_older_demo_of_fewer_grounds_is_left_as_it_is(app, ground, rows):
    rows(
        "update stadium set slug = 'moor-lane', contact_email = 'office@demo.cricverse.example' where id = :s",
        s=ground.other_stadium,
    )
    rows("update stadium set slug = 'reedbed-oval' where id <> :s", s=ground.other_stadium)
    before = sizes(rows)
    done = run(app, "seed-demo")
    assert done.exit_code == 0 and "stands already" in done.output
    assert sizes(rows) == before


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
    assert (
        row["kind"] == "fan"
        and row["is_admin"]
        and hash_again(row["password_hash"], "a very long phrase") == row["password_hash"]
    )
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
