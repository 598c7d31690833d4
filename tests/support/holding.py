"""Holding as a fan does it, by the page or by the API; and letting a hold grow older."""


def page_of(ground):
    return f"/book-tickets-enhanced/{ground.event}"


def hold(browser, ground, *names, **fields):
    return browser.post(page_of(ground), seat_id=ground.ids(*names), **fields)


def api_hold(browser, ground, *names):
    return browser.api("POST", f"/api/events/{ground.event}/hold", {"seat_ids": ground.ids(*names)})


def held_seats(rows, ground):
    found = rows(
        "select seat_id from seat_claim where event_id = :e and state = 'held' and expires_at > now()", e=ground.event
    )
    names = {seat_id: name for name, seat_id in ground.seats.items()}
    return sorted(names[row["seat_id"]] for row in found)


def booking(rows):
    return rows.one("select * from booking order by id desc limit 1")


def age(rows, minutes):
    """Let a hold be this many minutes older."""
    for table, columns in (
        ("booking", ("held_at", "expires_at")),
        ("seat_claim", ("expires_at",)),
        ("parking_claim", ("expires_at",)),
    ):
        moved = ", ".join(f"{c} = {c} - make_interval(mins => :m)" for c in columns)
        rows(f"update {table} set {moved} where expires_at is not null", m=minutes)


def minutes_left(rows):
    """Of the newest hold."""
    return rows.value(
        """select round(extract(epoch from expires_at - clock_timestamp()) / 60, 1) from booking
            where state in ('held', 'paying') order by id desc limit 1"""
    )
