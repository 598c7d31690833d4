"""What is kept for everybody: right at the next visit, and nothing of one person in another's page."""

import gzip
import re

import pytest

from caches.public import Until, read_once
from database import as_nobody, transaction, versions
from extensions import current_person, db
from tests.booking.test_hold_races import Statements
from web import kept

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture(autouse=True)
def keeping(app, monkeypatch):
    monkeypatch.setitem(app.config, "PAGES_MAX_AGE", 0.5)


def visit(app, path, headers=None, **client):
    return app.test_client(**client).get(path, headers=headers)


def test_the_version_moves_once_with_each_transaction_that_changes_something(app, ground, rows):
    with app.test_request_context():
        before = versions()
    with rows.together():
        rows("update event_price set face = face + 100")
        rows("update event set name = name || '!'")
    with app.test_request_context():
        once = versions()
    assert (once.catalogue, once.scores) == (before.catalogue + 1, before.scores) and once.now > before.now
    rows("update event set name = name")
    with app.test_request_context():
        assert versions().catalogue == once.catalogue


def test_what_is_kept_is_read_as_nobody_and_once_for_a_version(app, ground, rows, as_asha):
    asked = []

    @read_once(10)
    def names(event_id):
        asked.append(db.session.connection().exec_driver_sql("select app.uid()").scalar())
        return db.session.connection().exec_driver_sql("select name from event where id = %s", (event_id,)).scalar()

    def ask():
        with app.test_request_context():
            return names(ground.event)

    first = ask()
    assert ask() == first and asked == [None]
    rows("update event set name = 'Another name'")
    assert ask() == "Another name" and asked == [None, None]
    rows("update event set state = 'draft'")
    assert ask() is None


def test_what_the_clock_makes_old_is_read_again(app, ground, rows):
    asked = []

    @read_once(10)
    def value():
        asked.append(1)
        return Until(len(asked), db.session.connection().exec_driver_sql("select clock_timestamp()").scalar())

    for n in (1, 2, 3):
        with app.test_request_context():
            assert value() == n


def test_a_change_that_is_not_committed_yet_moves_nothing(app, ground, rows, engine):
    with app.test_request_context():
        before = versions().catalogue
    with engine.connect() as other:
        transaction = other.begin()
        other.exec_driver_sql("update event set name = 'Rolled back'")
        with app.test_request_context():
            assert versions().catalogue == before
        transaction.rollback()
    with app.test_request_context():
        assert versions().catalogue == before


@pytest.mark.parametrize("headers", [{}, GZIP])
def test_a_kept_page_is_the_page_with_a_token_of_ones_own(app, ground, headers):
    path = f"/book-tickets-enhanced/{ground.event}"
    first, second = (visit(app, path, headers) for _ in range(2))
    texts = []
    for answer in (first, second):
        assert answer.status_code == 200
        is_packed = answer.headers.get("Content-Encoding") == "gzip"
        assert is_packed == bool(headers)
        texts.append((gzip.decompress(answer.data) if is_packed else answer.data).decode())
    tokens = [set(TOKEN.findall(text)) for text in texts]
    assert all(len(each) == 1 for each in tokens) and tokens[0] != tokens[1]
    assert TOKEN.sub("", texts[0]) == TOKEN.sub("", texts[1])
    mark = app.extensions["pages"].mark
    assert mark not in texts[0] and "cv_form" in first.headers["Set-Cookie"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_form_of_a_kept_page_is_accepted(app, ground, rows, is_kept, monkeypatch):
    path = f"/book-tickets-enhanced/{ground.event}"
    if not is_kept:
        monkeypatch.setattr(kept, "is_of_somebody", lambda response: True)
    visit(app, path)  # somebody else's visit makes the page
    client = app.test_client()
    page = client.get(path)
    (token,) = set(TOKEN.findall(page.text))
    seat = rows.value("select min(id) from seat")
    answer = client.post(path, data={"csrf_token": token, "seat_id": seat}, headers={"Origin": "null"})
    assert answer.status_code == 303
    other = app.test_client().post(path, data={"csrf_token": token, "seat_id": seat}, headers={"Origin": "null"})
    assert other.status_code == 400


def test_nobody_gets_a_page_with_somebody_in_it(app, ground, as_asha):
    path = f"/matches/{ground.match}"
    assert "Asha" in as_asha.get(path).text
    assert "Asha" not in visit(app, path).text
    assert "Asha" in as_asha.get(path).text


def test_reading_for_everybody_does_not_change_who_asks(app, as_asha, ground):
    with app.test_request_context():
        before = current_person()
        with as_nobody():
            pass
        assert current_person() == before


@pytest.mark.parametrize(
    "change",
    [
        "update event set name = name || '.'",
        "update event set sale_starts_at = now() + interval '1 day'",
        "insert into seat_claim (event_id, seat_id, state) select e.id, s.id, 'blocked' from event e "
        "join seat s on s.layout_id = e.layout_id",
        "update event set state = 'stopped'",
    ],
)
def test_the_seat_page_is_kept_in_every_state_of_the_sale(app, ground, rows, change):
    rows(change)
    app.extensions["pages"].pages.clear()
    assert visit(app, f"/book-tickets-enhanced/{ground.event}").status_code == 200
    assert len(app.extensions["pages"].pages) == 1


def test_what_a_request_has_changed_itself_it_sees(app, ground, rows):
    with app.test_request_context():
        before = versions().catalogue
        with transaction():
            rows("update event set name = 'Changed'")
        assert versions().catalogue == before + 1


@pytest.mark.parametrize("path", ["/", "/fixtures", "/matches/{match}", "/grounds/lanternside"])
def test_public_pages_ask_who_it_is_and_what_has_moved(app, ground, as_asha, path):
    """The third statement of home is the fan's own next visit."""
    path = path.format(match=ground.match)
    as_asha.get(path)
    with Statements(app) as sent:
        assert as_asha.get(path).status == 200
    assert len(sent) <= (3 if path == "/" else 2), sent
    visit(app, path)
    with Statements(app) as sent:
        assert visit(app, path).status_code == 200
    assert sent == [], "the versions alone, by the driver"
