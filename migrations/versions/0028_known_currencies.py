"""A ground sells in a currency that the product knows; an event of the payment provider keeps its bytes"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

KNOWN = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP CRC
    CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY
    KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO
    NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TND TOP
    TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW
""".split()
COUNTED_IN_HUNDREDTHS = ("BIF", "DJF", "GNF", "ISK", "KMF", "PYG", "RWF", "UGX", "VUV", "XPF")
PRICES = (
    ("stadium", "fee_each", "t.id"),
    ("event_price", "face", "(select e.stadium_id from event e where e.id = t.event_id)"),
    ("car_park_bays", "match_price", "(select c.stadium_id from car_park c where c.id = t.car_park_id)"),
    ("car_park_bays", "hour_price", "(select c.stadium_id from car_park c where c.id = t.car_park_id)"),
)


def upgrade():
    op.execute("set lock_timeout = '5s'")
    _refuse("currency <> all (:codes)", KNOWN, "in which no card can be charged; give each another currency first")
    _refuse(
        "currency = any (:codes) and exists (select from booking b where b.stadium_id = stadium.id)",
        list(COUNTED_IN_HUNDREDTHS),
        "which has no hundredths although its bookings were counted in them; ask what was charged, and settle it first",
    )
    for code in COUNTED_IN_HUNDREDTHS:
        _set_prices(code, "round({0} / 100.0)")
    op.add_column("payment_event", sa.Column("body", sa.LargeBinary(), nullable=True))
    op.drop_constraint(op.f("ck_stadium_currency"), "stadium")
    op.create_check_constraint(
        op.f("ck_stadium_currency"), "stadium", f"currency in ({', '.join(map(repr, sorted(KNOWN)))})"
    )


def downgrade():
    op.drop_column("payment_event", "body")
    for code in COUNTED_IN_HUNDREDTHS:
        _set_prices(code, "{0} * 100")
    op.drop_constraint(op.f("ck_stadium_currency"), "stadium")
    op.create_check_constraint(op.f("ck_stadium_currency"), "stadium", "currency ~ '^[A-Z]{3}$'")


def _refuse(condition, codes, why):
    found = op.get_bind().execute(
        sa.text(f"select name || ' (' || currency || ')' from stadium where {condition} order by id"), {"codes": codes}
    )
    names = list(found.scalars())
    if names:
        raise RuntimeError(f"These grounds sell in a currency {why}: {', '.join(names)}.")


def _set_prices(code, value):
    for table, column, ground in PRICES:
        op.execute(
            f"update {table} t set {column} = {value.format('t.' + column)} from stadium s "
            f"where s.id = {ground} and s.currency = '{code}' and t.{column} > 0"
        )
