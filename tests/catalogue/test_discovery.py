"""Being found: what crawlers may see, the map of the site, calendars, pictures, and what machines read on pages."""

import gzip
import io
import json
import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from PIL import Image

from models.match import Match, Team
from tests.support.selling import hold
from tickets import calendar
from web import share_card

ORIGIN = "http://127.0.0.1:5000"
NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def client(app):
    from caches.responses import bodies

    bodies.init_app(app.config["SETTINGS"])  # nothing kept from another test
    return app.test_client()


def data_on(client, path):
    """The things that a page says to machines, by type."""
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', client.get(path).text, re.DOTALL)
    return {thing["@type"]: thing for script in found for thing in json.loads(script)["@graph"]}


def mapped(client):
    return {
        url.find(f"{NS}loc").text.removeprefix(ORIGIN): url
        for url in ElementTree.fromstring(client.get("/sitemap.xml").data)
    }


def test_apple_is_told_what_it_asks_of_the_domain(app, client, monkeypatch):
    path = "/.well-known/apple-developer-merchantid-domain-association"
    answer = client.get(path)
    assert answer.status_code == 200 and answer.data == b"7B227073704964223A" and "Set-Cookie" not in answer.headers
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], apple_pay_domain=None))
    assert client.get(path).status_code == 404


# --- robots and the map ---------------------------------------------------------------------------


def test_the_map_lists_what_is_there_and_each_address_answers(client, ground):
    found = mapped(client)
    assert {
        "/",
        "/fixtures",
        "/teams",
        "/ladder",
        "/help",
        f"/matches/{ground.match}",
        "/grounds/lanternside",
        "/teams/terns",
    } <= set(found)
    for path in found:
        answer = client.get(path)
        assert answer.status_code == 200 and "X-Robots-Tag" not in answer.headers, path
        assert f'<link rel="canonical" href="{ORIGIN}{path}">' in answer.text, path
    assert not [
        path for path in found if path.startswith(("/tickets", "/account", "/book", "/owner", "/scorer", "/t/", "/api"))
    ]


def test_the_map_says_when_a_match_changed(client, ground, rows):
    rows("update event set created_at = '2031-05-06T07:08:09Z' where id = :e", e=ground.event)
    assert mapped(client)[f"/matches/{ground.match}"].find(f"{NS}lastmod").text.startswith("2031-05-06T07:08:09")
    assert mapped(client)["/grounds/lanternside"].find(f"{NS}lastmod") is None


def test_the_map_keeps_its_limit_and_travels_small(client, app, ground):
    from catalogue import sitemap

    with app.app_context():
        assert [found.kind for found in sitemap.everything(3)] == ["ground", "ground", "team"]
    zipped = client.get("/sitemap.xml", headers={"Accept-Encoding": "gzip"})
    assert (
        zipped.headers["Content-Encoding"] == "gzip" and gzip.decompress(zipped.data) == client.get("/sitemap.xml").data
    )
    again = client.get("/sitemap.xml", headers={"Accept-Encoding": "gzip", "If-None-Match": zipped.headers["ETag"]})
    assert again.status_code == 304


def test_a_draft_is_on_no_map_of_prices(client, ground, rows):
    rows("update event set state = 'draft' where id = :e", e=ground.event)
    assert "offers" not in data_on(client, f"/matches/{ground.match}")["SportsEvent"]
    assert "DTEND" in client.get("/teams/terns.ics").text


def test_no_crawler_is_sent_away_from_what_the_map_lists(client, ground):
    said = client.get("/robots.txt").text
    closed = [line.split(": ")[1] for line in said.splitlines() if line.startswith("Disallow: ")]
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in said and closed
    assert not [path for path in mapped(client) if path.startswith(tuple(closed))]


def test_what_is_for_people_alone_says_so(client, cast, ground, app):
    asha = cast.browser("asha").client
    held = hold(cast.browser("asha"), ground.event, ground.ids("A1"))
    for path in (
        "/tickets",
        "/account",
        f"/bookings/{held['id']}/pay",
        f"/book-tickets-enhanced/{ground.event}",
        "/sign-in",
        f"/matches/{ground.match}/screen",
        f"/api/events/{ground.event}/seats",
        "/teams/nobody",
        "/nothing",
    ):
        answer = asha.get(path)
        assert answer.headers.get("X-Robots-Tag") == "noindex", path
        if answer.mimetype == "text/html":
            assert 'rel="canonical"' not in answer.text and "og:" not in answer.text, path


def test_every_page_that_is_not_known_to_be_public_says_noindex(app):
    from views.discovery import FINDABLE

    assert FINDABLE <= set(app.view_functions)
    for endpoint in FINDABLE:
        assert app.view_functions[endpoint].guard in ("public", "visitor"), endpoint


def test_a_filtered_list_points_at_the_whole_one(client, ground):
    assert f'<link rel="canonical" href="{ORIGIN}/fixtures">' in client.get("/fixtures?team=terns&q=%22%3E").text


def test_staging_is_found_by_nobody(app, client, ground, monkeypatch):
    from dataclasses import replace

    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], environment="staging"))
    assert "Disallow: /\n" in client.get("/robots.txt").text
    home = client.get("/")
    assert home.headers["X-Robots-Tag"] == "noindex" and "canonical" not in home.text


# --- what machines read ---------------------------------------------------------------------------


def test_a_match_says_when_where_who_and_what_it_costs(client, ground, rows):
    rows("update match set starts_at = '2031-01-04T08:10:00Z' where id = :m", m=ground.match)
    said = data_on(client, f"/matches/{ground.match}")
    match = said["SportsEvent"]
    assert match["startDate"] == "2031-01-04T19:10:00+11:00"
    assert match["eventStatus"].endswith("EventScheduled") and match["location"]["@type"] == "StadiumOrArena"
    assert [team["name"] for team in match["competitor"]] == ["Harbour Terns", "Torrens Herons"]
    (offer,) = match["offers"]
    assert (offer["lowPrice"], offer["highPrice"], offer["priceCurrency"]) == ("27.70", "102.25", "AUD")
    assert (
        offer["availability"].endswith("/InStock") and offer["url"] == f"{ORIGIN}/book-tickets-enhanced/{ground.event}"
    )
    assert [step["name"] for step in said["BreadcrumbList"]["itemListElement"]][1] == "Fixtures"
    rows(
        "update event set sale_starts_at = now() + interval '1 day', sale_ends_at = now() + interval '2 days' "
        "where id = :e",
        e=ground.event,
    )
    assert data_on(client, f"/matches/{ground.match}")["SportsEvent"]["offers"][0]["availability"].endswith("/PreOrder")


def test_a_cancelled_match_says_so_and_offers_nothing(client, ground, rows):
    rows("update event set state = 'cancelled', cancelled_at = now() where id = :e", e=ground.event)
    match = data_on(client, f"/matches/{ground.match}")["SportsEvent"]
    assert match["eventStatus"].endswith("EventCancelled") and "offers" not in match


def test_no_name_ends_the_script(client, ground, rows):
    nasty = '</script><script>alert("x")</script> & Sons'
    rows("update team set name = :n where slug = 'terns'", n=nasty)
    rows("update stadium set name = :n where slug = 'lanternside'", n=nasty)
    for path in (f"/matches/{ground.match}", "/teams/terns", "/grounds/lanternside"):
        text = client.get(path).text
        assert "<script>alert" not in text, path
        assert nasty in json.dumps(list(data_on(client, path).values()), ensure_ascii=False).replace('\\"', '"'), path


def test_grounds_and_clubs_are_described(client, ground):
    said = data_on(client, "/grounds/lanternside")
    assert said["StadiumOrArena"]["address"]["addressCountry"] and said["StadiumOrArena"]["maximumAttendeeCapacity"] > 0
    assert data_on(client, "/teams/terns")["SportsTeam"]["url"] == f"{ORIGIN}/teams/terns"
    assert "{words}" in data_on(client, "/")["WebSite"]["potentialAction"]["target"]["urlTemplate"]


def test_every_findable_page_has_words_of_its_own(client, ground):
    paths = [
        "/",
        "/fixtures",
        "/teams",
        "/ladder",
        "/help",
        "/privacy",
        "/terms",
        f"/matches/{ground.match}",
        "/grounds/lanternside",
        "/teams/terns",
    ]
    seen = {}
    for path in paths:
        page = client.get(path).text
        (words,) = re.findall(r'<meta name="description" content="([^"]*)">', page)
        assert 40 <= len(words) <= 320, (path, words)
        assert f'property="og:description" content="{words}"' in page
        seen.setdefault(words, []).append(path)
    assert not [paths for paths in seen.values() if len(paths) > 1]


# --- calendars ------------------------------------------------------------------------------------


def entries(text):
    """[{name: value}] of a calendar: lines unfolded, parameters left in the name."""
    assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = text.replace("\r\n ", "").split("\r\n")
    found, now = [], None
    for line in lines:
        if line == "BEGIN:VEVENT":
            now = {}
        elif line == "END:VEVENT":
            found.append(now)
            now = None
        elif now is not None:
            name, _, value = line.partition(":")
            assert name not in now, f"{name} twice"
            now[name] = value
    return found


def test_a_clubs_calendar_has_its_matches(client, ground, rows):
    rows("update match set starts_at = '2031-01-04T08:10:00Z' where id = :m", m=ground.match)
    rows(
        "update stadium set name = 'Lanternside Oval; Étagère, Nord — a name that goes on and on for ever' "
        "where id = :s",
        s=ground.stadium,
    )
    answer = client.get("/teams/terns.ics")
    assert answer.mimetype == "text/calendar" and "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in answer.text
    assert rows.value("select count(*) from match") == len(entries(answer.text)) == 2
    (entry,) = [e for e in entries(answer.text) if e["UID"] == f"match-{ground.match}@cricverse"]
    assert entry["DTSTART"] == "20310104T081000Z" and entry["STATUS"] == "CONFIRMED" and entry["SEQUENCE"] == "0"
    assert entry["SUMMARY"] == "Harbour Terns v Torrens Herons" and entry["LOCATION"].startswith(
        "Lanternside Oval\\; Étagère\\, Nord"
    )
    assert entry["URL"] == f"{ORIGIN}/matches/{ground.match}"
    assert entry["DTEND"] > entry["DTSTART"] and entry["DTSTAMP"] == entry["LAST-MODIFIED"]
    again = client.get("/teams/terns.ics", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/teams/nobody.ics").status_code == 404
    assert '<link rel="alternate" type="text/calendar" href="/teams/terns.ics"' in client.get("/teams/terns").text


def test_a_cancelled_match_stays_in_the_calendar_as_cancelled(client, ground, rows):
    name = f"match-{ground.match}@cricverse"
    before = {e["UID"]: e for e in entries(client.get("/teams/terns.ics").text)}[name]
    rows(
        "update event set state = 'cancelled', cancelled_at = now() + interval '1 minute' where id = :e", e=ground.event
    )
    after = {e["UID"]: e for e in entries(client.get("/teams/terns.ics").text)}[name]
    assert after["STATUS"] == "CANCELLED" and int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["LAST-MODIFIED"] > before["LAST-MODIFIED"]


def test_each_day_of_a_long_match_is_an_entry_and_a_new_day_renames_none(client, ground, rows):
    first = f"match-{ground.match}@cricverse"
    known = {e["UID"]: e for e in entries(client.get("/teams/terns.ics").text)}
    before = set(known)
    rows(
        """with day as (insert into event (stadium_id, layout_id, name, starts_at, ends_at, gates_open_at,
                                           sale_starts_at, sale_ends_at)
             select stadium_id, layout_id, name || ', day 2', starts_at + interval '1 day', ends_at + interval '1 day',
                    gates_open_at + interval '1 day',
                    sale_starts_at, sale_ends_at from event where id = :e returning id)
           insert into event_match (event_id, match_id) select id, :m from day""",
        e=ground.event,
        m=ground.match,
    )
    after = entries(client.get("/teams/terns.ics").text)
    assert before < {e["UID"] for e in after} and len(after) == len(before) + 1
    assert [e["SUMMARY"].rpartition(", ")[2] for e in after if e["UID"].startswith(f"match-{ground.match}")] == [
        "day 1",
        "day 2",
    ]
    renamed = next(e for e in after if e["UID"] == first)
    assert int(renamed["SEQUENCE"]) > int(known[first]["SEQUENCE"])
    assert renamed["LAST-MODIFIED"] >= known[first]["LAST-MODIFIED"]


@pytest.mark.parametrize("text", ["a" * 74 + "é" * 80, "€" * 100, "x" * 75, "x" * 76, "🏏" * 40, ""])
def test_folding_loses_nothing_and_splits_no_character(text):
    written = calendar.file_of([calendar.event(summary=text)])
    assert f"\r\nSUMMARY:{text}\r\n" in written.replace("\r\n ", "")
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))


def test_text_values_are_escaped_and_addresses_are_not():
    text, address = "a\\b;c,d\r\ne\nf\x07", "https://example.org/?a,b;c"
    written = calendar.file_of([calendar.event(summary=text, url=calendar.uri(address))], name=text, x_wr_calname=text)
    for name in ("SUMMARY", "NAME", "X-WR-CALNAME"):
        assert f"\r\n{name}:a\\\\b\\;c\\,d\\ne\\nf\r\n" in written
    assert f"\r\nURL:{address}\r\n" in written


# --- pictures -------------------------------------------------------------------------------------


def test_a_match_has_a_picture(client, ground):
    page = client.get(f"/matches/{ground.match}").text
    (address,) = re.findall(r'<meta property="og:image" content="([^"]+)">', page)
    assert address.startswith(f"{ORIGIN}/matches/{ground.match}/card.png?v=")
    parts = urlsplit(address)
    answer = client.get(f"{parts.path}?{parts.query}")
    assert answer.mimetype == "image/png" and "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
    assert len(answer.data) < 100_000
    assert client.get(address.split("?")[0]).headers["Cache-Control"] == "public, max-age=300"
    again = client.get(parts.path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    assert client.get("/matches/999999/card.png").status_code == 404
    assert Image.open(io.BytesIO(client.get("/card.png").data)).size == (1200, 630)


def test_a_picture_changes_with_what_it_says(client, ground, rows):
    def tagged():
        return client.get(f"/matches/{ground.match}/card.png").headers["ETag"]

    first = tagged()
    assert tagged() == first
    rows("update match set starts_at = starts_at + interval '1 hour' where id = :m", m=ground.match)
    second = tagged()
    rows("update match set state = 'finished', result = 'Terns won by 3 wickets' where id = :m", m=ground.match)
    assert len({first, second, tagged()}) == 3


def test_a_picture_tells_the_score_of_each_side(ground, app):
    class Ground:
        name, city, time_zone = "Moor Lane", "Hob", "Asia/Kolkata"

    def team(number, name):
        return Team(
            id=number,
            slug=name,
            name=name,
            short_name=name[:3],
            colour_1="#112233",
            colour_2="no colour",
            cap_pattern=5,
        )

    class Fixture:
        ground = Ground
        match = Match(
            id=1,
            home_team_id=7,
            away_team_id=9,
            competition="Cup",
            number=3,
            format="Test",
            state="finished",
            source="live",
            result=None,
        )
        score = {
            "scores": [
                {"team": 1, "short": "B", "text": "180"},
                {"team": 0, "short": "A", "text": "302/8 dec"},
                {"team": 1, "short": "B", "text": "90"},
                {"team": 0, "short": "A", "text": "12/1", "super": True},
            ],
            "result": "A won by an innings and 32 runs",
        }

    Fixture.match.__dict__.update(
        home_team=team(7, "Alphas"),
        away_team=team(9, "Betas"),
        stadium=Ground,
        starts_at=datetime.fromisoformat("2031-01-04T20:10:00+00:00"),
    )
    card = share_card.card_of(Fixture)
    assert [side.score for side in card.sides] == ["302/8 dec", "180 & 90"]
    assert card.below == "A won by an innings and 32 runs" and card.place == "Moor Lane, Hob. Sun 5 January 2031"
    assert share_card.png(card)[:4] == b"\x89PNG"


def test_a_card_shows_names_as_they_are_written():
    """Each stretch in a font that has it, shaped and in Unicode's order; nothing loses its letters or accents."""
    lettered = share_card.lettered("Ḩob किंग דוד", "big-shoulders", 60, 800)
    assert "".join(text for text, _, _ in lettered) == "Ḩob किंग דוד"
    assert [(font.getname()[0], way) for text, font, way in lettered if text.strip()] == [
        ("Noto Sans", "ltr"),
        ("Noto Sans Devanagari", "ltr"),
        ("Noto Sans Hebrew", "rtl"),
    ]
    assert [font.getname()[0].split()[0] for _, font, _ in share_card.lettered("Élan", "archivo", 30, 500)] == [
        "Archivo"
    ]
    side = share_card.Side("किंग", "किं", "#112233", "#445566", 5)
    with_name, without = (share_card.png(share_card.Card((each, each))) for each in (side, replace(side, name=" ")))
    assert with_name != without
