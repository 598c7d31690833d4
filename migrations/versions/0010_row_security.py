"""Row security on every table, enabled and forced"""

from alembic import op

from migrations.rights import secure, unsecure

revision = "0010"
down_revision = "0009"

# Spelt out: later tables come with migrations of their own.
TABLES = """
    stadium layout gate stand level bay seat_row seat car_park car_park_bays team player official match match_official
    event event_match event_price customer customer_profile credential login_session staff_role booking booking_line
    seat_claim parking_claim payment_transaction refund refund_line payment_event ticket parking_pass signing_key
    qr_code notification system_log
""".split()


def upgrade():
    op.execute("set lock_timeout = '5s'")
    # Sequences of identity columns belong to their tables; the functions' owner uses them through inserts.
    secure(*TABLES)


def downgrade():
    unsecure(*TABLES)
