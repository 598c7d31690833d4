"""The functions that row security and the rules stand on, and their triggers"""

from alembic import op

from migrations.functions import install, remove

revision = "0009"
down_revision = "0008"

FUNCTIONS = """
    uid role_rights roles_of may_by_right grounds staff_of link fail log queue_mail begin start_visitor sign_up find_credential set_password_hash end_session open_link
    buyer_lock seats_of line_amounts total_booking close_booking check_on_sale hold_end new_reference hold_seats extend_hold
    release_booking release_line set_ticket_types adopt start_session parking_peak parking_left hold_parking set_plate
    start_payment record_intent forward_only close_payment settle_payment sweep_holds refund_of_line request_refund refund_cap record_refund
    mark_dispute store_payment_event finish_payment_event codes_wanted store_codes store_signing_key
    set_sale_state cancel_event block_seats unblock_seats resend_tickets find_tickets
    lease_notifications finish_notification log_hash seal_log append_only immutable_layout
""".split()

TRIGGERS = {
    "payment_transaction": "create trigger forward_only before update on payment_transaction for each row execute function app.forward_only()",
    "refund": "create trigger refund_cap before insert or update on refund for each row execute function app.refund_cap()",
    "system_log": "create trigger append_only before update or delete on system_log for each row execute function app.append_only()",
    "seat": "create trigger immutable_layout before insert or update or delete on seat for each row execute function app.immutable_layout()",
    "stand": "create trigger immutable_layout before insert or update or delete on stand for each row execute function app.immutable_layout()",
}


def upgrade():
    op.execute("set lock_timeout = '5s'")
    install(*FUNCTIONS)
    for trigger in TRIGGERS.values():
        op.execute(trigger)


def downgrade():
    for table, trigger in TRIGGERS.items():
        op.execute(f"drop trigger {trigger.split()[2]} on {table}")
    remove(*FUNCTIONS)
