"""One table of currencies: what pages write, the database rounds and the provider is asked for are the same money."""

import json
import re
import subprocess
from decimal import Decimal

import pytest

from booking import recovery
from models.currencies import CURRENCIES, currency_of
from sandbox.stripe import currencies as stripes
from stripe_integration import Declined, stripe_amount
from tests.house.test_layers import ROOT
from tests.support.selling import hold, paid_booking, start_payment
from web.presentation import money, money_short

# ISO 4217, list one: what is not counted in hundredths. (CLF, IQD, LYD, UYI and UYW are no currencies of a ground.)
ISO = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0)
ISO |= dict.fromkeys("BHD JOD KWD OMR TND".split(), 3)

# A face value of each kind of currency, in our minor units, and what the card is charged for it in Stripe's.
KINDS = {"AUD": (4800, 4800), "JPY": (5000, 5000), "ISK": (5000, 500000), "UGX": (90000, 9000000), "RWF": (9000, 9000)}
KINDS |= {"KWD": (4850, 4850), "MGA": (9000000, 90000), "HUF": (1750000, 1750000)}


def sell_in(rows, ground, code, face, fee_bp=0, fee_each=0, **terms):
    """The stage's ground sells in this currency, at this price."""
    rows(
        "update stadium set currency = :c, fee_bp = :bp, fee_each = :each where id = :s",
        c=code,
        bp=fee_bp,
        each=fee_each,
        s=ground.stadium,
    )
    rows("update event_price set face = :f where event_id = :e", f=face, e=ground.event)
    if terms:
        rows("update event set refund_share_bp = :share, refund_keeps_fees = true", **terms)


def test_the_table_is_isos_and_stripes():
    """Held against the sandbox, which has Stripe's page and not our table."""
    for code, known in CURRENCIES.items():
        stripe = code.lower()
        stripes.check_currency(stripe)
        assert (known.code, known.decimals) == (code, ISO.get(code, 2))
        assert known.least == (stripes.LEAST.get(stripe) or known.step), code
        for minor in (known.least, 3 * known.least, 123_400):
            amount = known.to_stripe(minor)
            stripes.check_charge(amount, stripe)
            said = stripes.shown(amount, stripe).split()[0]
            assert Decimal(said) == Decimal(minor).scaleb(-known.decimals), code
            assert Decimal(re.sub(r"[^\d.]", "", known.words(minor))) == Decimal(said), code
            assert known.from_stripe(amount) == minor, code
        if known.step > 1:
            with pytest.raises(Declined):
                stripe_amount(known.step + 1, code)


def test_the_database_knows_the_same(rows):
    found = rows(
        "select x as code, app.money_step(x) as step, app.least_charge(x) as least from unnest(cast(:c as text[])) x",
        c=list(CURRENCIES),
    )
    assert {x["code"]: (x["step"], x["least"]) for x in found} == {
        c.code: (c.step, c.least) for c in CURRENCIES.values()
    }
    check = rows.value("select pg_get_constraintdef(oid) from pg_constraint where conname = 'ck_stadium_currency'")
    assert set(re.findall(r"'(\w+)'", check)) == set(CURRENCIES)


WRITE = """
import { moneyLike } from "./static/js/figures.js";
const asked = JSON.parse(process.argv[1]);
console.log(JSON.stringify(asked.map(([one, minor]) => [moneyLike(one)(minor), moneyLike(one)(minor, true)])));
"""


def test_scripts_write_money_as_pages_do():
    """By one minor unit in the server's words: the browser's own names of currencies are others ($, CA$)."""
    asked = [(c.words(1), minor, c.code) for c in CURRENCIES.values() for minor in (0, 5, 100, 48_000, 1_234_567_890)]
    node = ["node", "--input-type=module", "-e", WRITE, json.dumps([a[:2] for a in asked])]
    said = json.loads(subprocess.run(node, capture_output=True, text=True, check=True, cwd=ROOT).stdout)
    assert said == [[money(minor, code), money_short(minor, code)] for _, minor, code in asked]


@pytest.mark.parametrize("code", ["IQD", "LYD", "BGN", "XXX", "aud", ""])
def test_no_ground_is_made_in_another_currency(rows, code):
    with pytest.raises(Exception, match="ck_stadium_currency"):
        rows(
            "insert into stadium (slug, name, city, country, time_zone, currency) "
            "values ('x', 'X', 'X', 'AU', 'UTC', :c)",
            c=code,
        )


@pytest.mark.parametrize("code", KINDS)
def test_the_card_is_charged_and_given_back_what_the_page_says(app, as_asha, ground, rows, sandbox, code):
    face, charged = KINDS[code]
    sell_in(rows, ground, code, face, share=5000)
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    assert sold["total"] == face
    assert [(x["kind"], x["amount"]) for x in sandbox.ledger()] == [("captured", charged)]
    assert rows.one("select state, captured, currency from payment_transaction") == {
        "state": "succeeded",
        "captured": face,
        "currency": code,
    }
    page = f"/tickets/{sold['id']}/refund"
    assert f"paid {currency_of(code).words(face)}".replace("\xa0", " ") in as_asha.get(page).text
    with app.app_context():
        assert recovery.reconcile()["failed"] == 0
    line = rows.value("select id from booking_line where booking_id = :b", b=sold["id"])
    assert as_asha.post(page, line=line).status == 303
    back = rows.one("select state, amount from refund")
    step = currency_of(code).step
    assert back == {"state": "succeeded", "amount": (face + step) // (2 * step) * step}
    given = sandbox.ledger()[-1]
    assert given["kind"] == "refunded" and given["amount"] == stripe_amount(back["amount"], code)


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(("code", "face"), [("KWD", 4870), ("KWD", 4873), ("MGA", 48701)])
def test_what_a_card_pays_and_gets_obeys_the_step(as_asha, ground, rows, sandbox, code, face, inside):
    """Whatever the price, the shares and the tax are."""
    step = currency_of(code).step
    sell_in(rows, ground, code, face, fee_bp=333, fee_each=3)
    rows("update event set refund_share_bp = 4999")
    rows("update stadium set tax_inside = :i, tax_bp = 725", i=inside)
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    assert sold["total"] % step == 0 and sold["fee"] > 2 * 165
    assert sandbox.ledger()[0]["amount"] == stripe_amount(sold["total"], code)
    prices = as_asha.get(f"/api/events/{ground.event}/prices").json
    assert prices["bands"]["C"]["adult"]["total"] * 2 == sold["total"]
    assert prices["money"] == currency_of(code).words(1)
    line = rows.value("select min(id) from booking_line")
    assert as_asha.post(f"/tickets/{sold['id']}/refund", line=line).status == 303
    back = rows.one("select state, amount from refund")
    assert back["state"] == "succeeded" and 0 < back["amount"] < sold["total"] / 2 and back["amount"] % step == 0


def test_what_is_too_little_for_a_card_is_said_before_paying(as_asha, ground, rows, sandbox):
    sell_in(rows, ground, "AUD", 40)
    held = hold(as_asha, ground.event, ground.ids("A1"))
    page = as_asha.get(f"/bookings/{held['id']}/pay")
    assert page.status == 200 and "A card cannot be charged less than A$0.50" in page.text
    assert "data-checkout" not in page.html and "data-pay " not in page.html
    answer = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": held["id"]})
    assert answer.status == 422 and answer.json["error"]["code"] == "TOO_LITTLE"
    assert "A$0.50" in answer.json["error"]["message"]
    assert rows.value("select count(*) from payment_transaction") == 0
    assert rows.value("select state from booking where id = :b", b=held["id"]) == "held"
    assert list(sandbox.stripe_client().v1.payment_intents.list().data) == []
    more = hold(as_asha, ground.event, ground.ids("A2"))
    assert start_payment(as_asha, more["id"])["amount"] == 80


def test_where_only_the_provider_knows_the_least_amount_its_no_is_said(as_asha, ground, rows, sandbox):
    sell_in(rows, ground, "KES", 40)
    held = hold(as_asha, ground.event, ground.ids("A1"))
    assert "data-checkout" in as_asha.get(f"/bookings/{held['id']}/pay").html
    sandbox.faults({"kind": "amount_too_small", "match": "POST /v1/payment_intents"})
    answer = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": held["id"]})
    assert answer.status == 422 and "less than a card can be charged" in answer.json["error"]["message"]
    assert rows.value("select state from booking where id = :b", b=held["id"]) == "held"
