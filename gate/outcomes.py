"""What the gate can say: every outcome of a scan with its word, its sentence, and how it looks, sounds and feels (the
look's table).

The phone has the same table in static/js/gate/words.js; a test holds the two together.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    ADMITTED = "admitted"
    ALREADY_USED = "already_used"
    WRONG_EVENT = "wrong_event"
    WRONG_DAY = "wrong_day"
    WRONG_GATE = "wrong_gate"
    VOID = "void"
    DISPUTED = "disputed"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"
    FORGED = "forged"
    CHECK_IDENTITY = "check_identity"
    OLD_PICTURE = "old_picture"
    LEFT = "left"
    NOT_INSIDE = "not_inside"
    UNDONE = "undone"


# A reason lets these in; nobody enters on a code that is forged, unknown, void, over, or for another event. The one
# table: app.may_override() is made of it, and the phone's copy beside its words is held to it by a test.
MAY_OVERRIDE = {
    Outcome.WRONG_GATE,
    Outcome.CHECK_IDENTITY,
    Outcome.OLD_PICTURE,
    Outcome.DISPUTED,
    Outcome.ALREADY_USED,
    Outcome.NOT_YET_VALID,
}


@dataclass(frozen=True, slots=True)
class Words:
    """An outcome for people: the big word, the sentence below it, the class of its colour and shape, its sound, and
    milliseconds of vibration.
    """

    word: str
    sentence: str
    look: str
    sound: str
    vibration: tuple[int, ...]


_STOP = ("is-stop", "buzz", (300, 100, 300))
_TURN = ("is-turn", "twice", (150, 80, 150))
_VOID = ("is-void", "low", (400,))

WORDS = {
    Outcome.ADMITTED: Words("Come in", "", "is-in", "rising", (60,)),
    Outcome.LEFT: Words("Goodbye", "Out. The same ticket lets them in again.", "is-in", "rising", (60,)),
    Outcome.ALREADY_USED: Words("Already in", "One ticket, one person.", *_STOP),
    Outcome.FORGED: Words(
        "Stop", "This code was not made by us. Keep the phone or paper in view, and call the supervisor.", *_STOP
    ),
    Outcome.DISPUTED: Words("Stop", "The bank is disputing the payment. Ask the supervisor.", *_STOP),
    Outcome.WRONG_GATE: Words("Go to gate", "The ticket is good.", *_TURN),
    Outcome.CHECK_IDENTITY: Words(
        "Check ID", "A printed or saved code. Compare the name on the booking with an identity card.", *_TURN
    ),
    Outcome.OLD_PICTURE: Words(
        "Old picture", "This is a picture of a code that has changed since. Ask for the ticket page itself.", *_TURN
    ),
    Outcome.VOID: Words("Not valid", "Refunded or replaced. The newest ticket is in the last e-mail.", *_VOID),
    Outcome.WRONG_EVENT: Words("Not valid", "This ticket is for another event today.", *_VOID),
    Outcome.WRONG_DAY: Words("Not valid", "This ticket is for another day.", *_VOID),
    Outcome.NOT_YET_VALID: Words("Not yet", "Too early for this ticket.", *_VOID),
    Outcome.EXPIRED: Words("Not valid", "The time of this ticket is over.", *_VOID),
    Outcome.UNKNOWN: Words("Not valid", "This is no code of ours for this ground.", *_VOID),
    Outcome.NOT_INSIDE: Words("Not inside", "Nobody came in on this ticket.", *_VOID),
    Outcome.UNREADABLE: Words("Hold it flat", "Turn up the light, and hold it flat.", "is-unread", "none", ()),
    Outcome.UNDONE: Words("Undone", "It counts as if it had not been scanned.", "is-void", "none", ()),
}
