"""Which trigger runs when. A trigger is named like the function of sql/ that it runs, once a row; one that
runs once a statement has its verb behind the name."""

# What pages show to everybody: whatever changes here moves the version that such things are kept under.
SHOWN_TO_ALL = (
    "bay",
    "car_park",
    "car_park_bays",
    "event",
    "event_match",
    "event_price",
    "gate",
    "layout",
    "level",
    "match",
    "match_official",
    "match_snapshot",
    "official",
    "player",
    "stadium",
    "stand",
    "team",
)

# (function, table): (moment, condition or "" for every row); one that is "deferred" runs at the commit.
TRIGGERS = {
    ("forward_only", "payment_transaction"): ("before update", ""),
    ("refund_cap", "refund"): ("before insert or update", ""),
    ("append_only", "system_log"): ("before update or delete", ""),
    ("immutable_layout", "seat"): ("before insert or update or delete", ""),
    ("immutable_layout", "stand"): ("before insert or update or delete", ""),
    ("known_role", "staff_role"): ("before insert or update", ""),
    ("keep_scan", "scan"): ("before update or delete", ""),
    ("note_revocation", "qr_code"): (
        "before update of revoked_at",
        "when (new.revoked_at is not null and old.revoked_at is null)",
    ),
    ("new_issue", "ticket"): ("before update of seq", "when (new.seq is distinct from old.seq)"),
    ("new_issue", "parking_pass"): ("before update of seq", "when (new.seq is distinct from old.seq)"),
    ("keep_seat", "seat_claim"): ("after delete", "when (old.state <> 'kept')"),
    ("keep_issue", "qr_code"): ("after insert", "when (new.seq > 1)"),
    **{("tell_public", table): ("deferred after insert or update or delete", "") for table in SHOWN_TO_ALL},
}

# (function, table): after each statement, with its rows as `moved`
OF_STATEMENTS = (("note_moves", "seat_claim"),)
ROWS_OF = {"insert": "new", "update": "new", "delete": "old"}
