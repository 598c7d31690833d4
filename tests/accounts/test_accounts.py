"""Sign up, sign in, sign out: the forms, the session, the same answer whoever asks."""

import re
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher

from accounts import passwords
from tests.support.cast import PASSWORD
from tests.support.selling import hold
from web.requests import own_path


def test_a_visitor_signs_up_and_keeps_the_seats(visitor, ground, rows):
    held = hold(visitor, ground.event, ground.ids("A1"))
    page = visitor.post(
        "/sign-up?next=/fixtures", name="Mia Chen", email="mia@example.org", password="four words that rhyme"
    )
    assert page.status == 303 and page.location == "/fixtures"
    assert rows.one(
        "select kind, email_key from customer where id = (select customer_id from booking where id = :b)", b=held["id"]
    ) == {
        "kind": "fan",
        "email_key": "mia@example.org",
    }
    assert "Mia Chen" in visitor.get("/account").text
    hashed = rows.value("select password_hash from credential")
    assert hashed.startswith("$argon2id$") and "rhyme" not in hashed


def test_a_form_that_is_not_right_says_so_and_loses_nothing(visitor):
    page = visitor.post("/sign-up", name="Mia Chen", email="mia@", password="short")
    assert page.status == 422 and "e-mail address" in page.text and page.root.find("title").text.startswith("Error: ")
    assert page.root.find("input", name="name").attrs["value"] == "Mia Chen"
    page = visitor.post("/sign-up", name="Mia Chen", email="mia@example.org", password="short")
    assert page.status == 422 and "at least 12" in page.text
    page = visitor.post("/sign-up", name="", email="", password="")
    assert page.status == 422 and "Tell us your name." in page.text


def test_an_address_has_one_account(visitor, cast):
    page = visitor.post("/sign-up", name="Other Asha", email="ASHA@example.org", password="four words that rhyme")
    assert page.status == 409 and "Sign in instead" in page.text


def test_sign_in_gives_a_new_session_and_sign_out_ends_it(visitor, cast, rows):
    page = visitor.post("/sign-in", email="asha@example.org", password=PASSWORD)
    assert page.status == 303
    cookie = visitor.client.get_cookie("cv_session")
    assert cookie.http_only and cookie.same_site == "Lax"
    assert "Asha" in visitor.get("/account").text
    token = cookie.value
    assert (
        rows.value("select count(*) from login_session where encode(id_hash, 'escape') = :t", t=token) == 0
    )  # only its hash is kept
    assert visitor.post("/sign-out").status == 303
    assert visitor.client.get_cookie("cv_session") is None
    visitor.client.set_cookie("cv_session", token)
    assert visitor.get("/account").status == 303  # the server has ended it, too


def test_a_wrong_password_and_an_unknown_address_are_the_same(visitor, cast):
    wrong = visitor.post("/sign-in", email="asha@example.org", password="not the pass phrase")
    unknown = visitor.post("/sign-in", email="nobody@example.org", password="not the pass phrase")
    assert (wrong.status, unknown.status) == (422, 422)
    # The form's token carries the second in which it was made.
    words = [re.sub(r'name="csrf_token" value="[^"]*"', "", page.html) for page in (wrong, unknown)]
    assert words[0].replace("asha@", "") == words[1].replace("nobody@", "")


def test_signing_in_brings_the_visitors_hold_along(visitor, cast, ground, rows):
    held = hold(visitor, ground.event, ground.ids("A1", "A2"))
    visitor.post("/sign-in", email="asha@example.org", password=PASSWORD)
    assert rows.value("select customer_id from booking where id = :b", b=held["id"]) == cast.ids["asha"]


def test_signing_in_applies_the_limit_again(visitor, cast, as_asha, ground, rows):
    rows("update event set buyer_limit = 3")
    hold(as_asha, ground.event, ground.ids("A1", "A2"))
    held = hold(visitor, ground.event, ground.ids("B1", "B2"))
    visitor.post("/sign-in", email="asha@example.org", password=PASSWORD)
    assert rows.value("select state from booking where id = :b", b=held["id"]) == "released"
    assert "back on sale" in visitor.get("/fixtures").text


ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "\\\\evil",
    "/\n//evil.example",
    "/\t/evil.example",
    "/x\r\nSet-Cookie: cv_session=mine",
    "\n//evil.example",
    "/\x00",
    "/\x85/evil.example",
    "/\u2028/evil.example",
    "//[",
    "http://[",
    "/a b",
    "/" + "x" * 3000,
]


def test_no_address_of_another_site_is_a_path_of_ours():
    assert [own_path(wanted) for wanted in ELSEWHERE] == [None] * len(ELSEWHERE)


@pytest.mark.parametrize("wanted", ["https://evil.example", "/\\evil.example", "/\n//evil.example", "//["])
def test_the_way_back_stays_on_this_site(visitor, cast, wanted):
    page = visitor.post(f"/sign-in?next={quote(wanted)}", email="asha@example.org", password=PASSWORD)
    assert page.status == 303 and page.location == "/"


def test_the_way_back_keeps_a_page_of_ours():
    for page in ("/", "/fixtures?q=a%20b&page=2", "/teams/terns", "/grounds/łódź#seats"):
        assert own_path(page) == page


@pytest.mark.parametrize(
    ("who", "work"), [("asha", "/"), ("omar", "/owner"), ("grace", "/gates"), ("sunil", "/scorer")]
)
def test_people_land_where_their_work_is(visitor, cast, who, work):
    page = visitor.post("/sign-in", email=cast.people[who][1], password=PASSWORD)
    assert page.status == 303 and page.location == work


def test_who_was_on_the_way_to_a_page_lands_there_and_not_at_work(visitor, cast):
    page = visitor.post("/sign-in?next=/fixtures", email=cast.people["omar"][1], password=PASSWORD)
    assert page.location == "/fixtures"


def test_a_page_for_fans_asks_to_sign_in_first(visitor, ground):
    page = visitor.get("/account")
    assert page.status == 303 and page.location == "/sign-in?next=/account"


def test_a_password_hash_is_argon2id_and_made_again_by_the_password_alone():
    stored = passwords.hash_password("four words that rhyme")
    assert stored.startswith("$argon2id$")
    recipe = stored[: stored.rindex("$")] + "$" + "A" * 43
    assert passwords.hash_again(recipe, "four words that rhyme") == stored
    assert passwords.hash_again(recipe, "other words") != stored
    assert not passwords.is_stale(recipe)
    for lost in (None, "no hash at all"):
        assert passwords.hash_again(lost, "four words that rhyme").startswith("$argon2id$")


def test_a_hash_of_other_parameters_is_replaced_at_the_next_sign_in(visitor, cast, rows):
    older = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1, hash_len=16).hash(PASSWORD)
    rows("update credential set password_hash = :h where customer_id = :c", h=older, c=cast.ids["asha"])
    assert visitor.post("/sign-in", email="asha@example.org", password="not the pass phrase").status == 422
    assert rows.value("select password_hash from credential where customer_id = :c", c=cast.ids["asha"]) == older
    assert visitor.post("/sign-in", email="asha@example.org", password=PASSWORD).status == 303
    newer = rows.value("select password_hash from credential where customer_id = :c", c=cast.ids["asha"])
    assert newer != older and passwords.hash_again(newer, PASSWORD) == newer and not passwords.is_stale(newer)
    visitor.post("/sign-out")
    assert visitor.post("/sign-in", email="asha@example.org", password=PASSWORD).status == 303


TYPED = [  # one password as keyboards send it
    "Señor Ångström plays",
    "Sen\u0303or A\u030angstro\u0308m plays",
    "Ｓｅñｏｒ\u3000Ångström\u00a0plays",
]


def test_a_password_is_one_however_a_keyboard_writes_it(visitor, cast, rows):
    page = visitor.post("/sign-up", name="Mia Chen", email="mia@example.org", password=TYPED[0])
    assert page.status == 303, page.text
    for typed in TYPED:
        visitor.post("/sign-out")
        assert visitor.post("/sign-in", email="mia@example.org", password=typed).status == 303, ascii(typed)
    visitor.post("/sign-out")
    assert visitor.post("/sign-in", email="mia@example.org", password="Senor Angstrom plays").status == 422


def test_a_hash_of_what_was_typed_before_is_still_good_and_made_anew(visitor, cast, rows):
    older = PasswordHasher().hash(TYPED[1])  # by the version before, from a keyboard that sends accents apart
    rows("update credential set password_hash = :h where customer_id = :c", h=older, c=cast.ids["asha"])
    assert visitor.post("/sign-in", email="asha@example.org", password=TYPED[2]).status == 422
    for typed in (TYPED[1], TYPED[0], TYPED[2]):
        assert visitor.post("/sign-in", email="asha@example.org", password=typed).status == 303, ascii(typed)
        visitor.post("/sign-out")
    newer = rows.value("select password_hash from credential where customer_id = :c", c=cast.ids["asha"])
    assert newer != older and passwords.hash_again(newer, TYPED[0]) == newer


@pytest.mark.parametrize(("password", "sentence"), [("e\u0301" * 8 + "abc", "at least 12"), ("ﷺ" * 12, "at most 200")])
def test_a_password_is_counted_in_the_form_that_is_kept(visitor, cast, password, sentence):
    page = visitor.post("/sign-up", name="Mia Chen", email="mia@example.org", password=password)
    assert page.status == 422 and sentence in page.text


def test_a_cookie_that_is_no_session_is_nobody(visitor, ground):
    for value in ("x", "x" * 40, "x" * 3000, "%00", "' or 1=1 --" * 3):
        visitor.client.set_cookie("cv_session", value)
        assert visitor.get("/account").status == 303
