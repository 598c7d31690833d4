"""Questions and answers, held against what the product does: each answer names the tests and the doors of what it
tells of.

A new answer needs its line here, and so does a new thing that a fan can do with a ticket.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Proof:
    """What shows that an answer is true: tests by file and name, the doors (endpoints) it leads to, and words that it
    must have. An answer about what others do (a bank, a ground's steward) has none, and says why.
    """

    tests: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    others: str = ""


def by(*tests, doors=(), words=()):
    return Proof(tests, tuple(doors), tuple(words))


ANSWERS = {
    "account": by(
        "browser/test_browser_walk.py::test_a_visitor_becomes_a_guest_with_tickets_and_a_mail", doors=["tickets.index"]
    ),
    "hold": by(
        "booking/test_holds.py::test_a_hold_lasts_the_events_minutes",
        "booking/test_holds.py::test_a_hold_is_extended_to_thirty_minutes_in_all",
        doors=["bookings.extend"],
    ),
    "limit": by("booking/test_hold_races.py::test_what_is_bought_counts_towards_the_limit"),
    "prices": by(
        "booking/test_checkout.py::test_the_pay_page_says_what_it_costs_and_how_it_comes_back",
        "house/test_look.py::test_fees_in_a_sentence",
    ),
    "sold-out": by(
        "waiting/test_waiting.py::test_who_waits_is_offered_what_comes_back_takes_it_and_pays",
        "waiting/test_waiting.py::test_an_unanswered_offer_goes_to_the_next_and_a_second_one_ends_the_waiting",
        doors=["waiting.join", "waiting.enter", "waiting.place", "waiting.take", "waiting.decline", "waiting.leave"],
    ),
    "not-yet": by(
        "waiting/test_waiting.py::test_a_reminder_comes_once_when_the_sale_really_opens",
        doors=["waiting.join"],
        words=["Remind me"],
    ),
    "find-match": by("catalogue/test_catalogue.py::test_each_filter_narrows_the_list", doors=["site.fixtures"]),
    "restricted": by("booking/test_holds.py::test_seats_say_what_they_are_and_what_has_become_of_them"),
    "single": by(
        "seating/test_singles.py::test_a_choice_that_leaves_one_seat_alone_is_refused_with_the_nearest_that_does_not",
        "seating/test_singles.py::test_what_cannot_be_avoided_is_allowed",
        "seating/test_singles.py::test_wheelchair_spaces_owners_and_unguarded_events_are_free_of_it",
    ),
    "members": by("seating/test_seat_kinds.py::test_members_seats_are_held_by_members_alone"),
    "unreserved": by(
        "seating/test_seat_kinds.py::test_unreserved_places_are_sold_by_count_and_named_without_numbers",
        "seating/test_seat_kinds.py::test_a_ticket_for_an_unreserved_place_names_stand_and_gate",
    ),
    "wallets": by(
        "browser/test_browser_checkout.py::test_a_wallet_pays_with_one_press_and_says_who_it_is",
        "browser/test_browser_checkout.py::test_a_method_with_a_page_of_its_own_comes_back",
    ),
    "card": by("booking/test_checkout.py::test_the_payment_service_is_let_in_on_the_pay_page_only"),
    "declined": by("booking/test_checkout.py::test_a_declined_card_is_told_with_its_reason_and_another_one_pays"),
    "closed": by("browser/test_browser_walk.py::test_a_closed_tab_loses_nothing"),
    "where": by(
        "messages/test_outbox.py::test_one_mail_with_seats_gate_link_codes_and_calendar",
        "tickets/test_tickets.py::test_finding_by_address_says_the_same_to_everybody",
        doors=["tickets.find", "tickets.send_links", "tickets.resend", "tickets.linked_resend"],
    ),
    "mistyped": by(
        "tickets/test_address.py::test_the_right_address_gets_the_tickets_and_the_first_mail_is_good_for_nothing",
        doors=["tickets.correct_address"],
        words=["Not your address?"],
    ),
    "no-network": by(
        "browser/test_browser_tickets.py::test_what_the_fan_kept_survives_signing_out",
        "tickets/test_tickets_paper.py::test_four_tickets_to_a_page_each_with_its_own_code",
        doors=["tickets.paper", "tickets.linked_paper", "transfers.paper"],
        words=["Keep on this phone", "PDF"],
    ),
    "transfer": by(
        "tickets/test_transfers.py::test_an_offer_changes_nothing_until_it_is_accepted",
        "tickets/test_transfers.py::test_accepting_makes_a_new_code_and_kills_the_old_one",
        "tickets/test_transfers.py::test_an_offer_that_was_taken_back_is_dead",
        "tickets/test_transfers.py::test_a_ticket_that_was_passed_on_is_not_given_back_by_the_fan_alone",
        doors=["transfers.handle", "transfers.linked_handle", "transfers.holder_handle", "transfers.accept"],
        words=["Name, send, new code"],
    ),
    "picture": by(
        "tickets/test_transfers.py::test_a_lost_tickets_code_is_replaced",
        doors=["transfers.handle"],
        words=["Name, send, new code"],
    ),
    "letters": by(
        "tickets/test_tickets_paper.py::test_a_name_in_any_script_is_printed",
        "tickets/test_tickets_paper.py::test_a_name_that_paper_cannot_show_is_told_of_where_it_is_entered",
        doors=["tickets.paper_hint"],
    ),
    "calendar": by(
        "tickets/test_tickets.py::test_two_passes_on_two_days_are_two_entries",
        "tickets/test_tickets.py::test_the_mail_about_a_refund_calls_the_entry_off",
        doors=["tickets.calendar", "tickets.linked_calendar"],
        words=["Calendar"],
    ),
    "show": by("gate/test_gate.py::test_a_ticket_lets_in_once_and_tells_when_and_where"),
    "which": by("tickets/test_tickets.py::test_each_ticket_shows_its_way_and_its_code", doors=["site.ground"]),
    "concession": Proof(others="a ground's stewards ask"),
    "give-back": by(
        "tickets/test_tickets.py::test_a_fan_gives_one_ticket_back_by_the_frozen_policy",
        doors=["tickets.refund", "tickets.give_back", "tickets.linked_refund", "tickets.linked_give_back"],
    ),
    "cancelled": by("booking/test_payments.py::test_a_cancelled_event_gives_every_booking_back_exactly_once"),
    "gone": by("booking/test_payments.py::test_money_for_seats_that_are_gone_is_given_back_and_told"),
    "park-book": by(
        "browser/test_browser_walk.py::test_the_same_with_parking_by_keys_alone",
        "tickets/test_tickets.py::test_parking_alone_is_paid_kept_mailed_and_given_back",
        doors=["parking.choose", "parking.hold"],
    ),
    "plate": by(
        "tickets/test_tickets.py::test_a_plate_changes_until_the_window_begins",
        doors=["tickets.plate", "tickets.linked_plate"],
    ),
    "bay": by("booking/test_parking.py::test_overlapping_windows_never_exceed_the_bays_under_a_race"),
    "wheelchair": by(
        "seating/test_seat_kinds.py::test_a_companion_seat_is_not_had_without_the_space_beside_it",
        "seating/test_seat_kinds.py::test_the_ground_opens_companion_seats_some_hours_before",
    ),
    "accessible-bay": by("seating/test_seat_kinds.py::test_space_companion_and_bay_are_held_in_one_act"),
    "no-map": by("browser/test_browser_map.py::test_without_the_map_the_lists_work"),
    "live": by("live/test_realtime.py::test_a_lost_message_is_made_good_by_the_comparison_of_numbers"),
    "figures": by("catalogue/test_catalogue.py::test_a_player_page_counts_from_the_boards"),
    "ask": by("house/test_look.py::test_a_ground_is_drawn_and_told", doors=["site.ground"]),
}

# What a fan does with tickets that needs no answer: pages to look at, and what stands on them by itself.
PLAIN = set(
    "tickets.index tickets.show tickets.linked tickets.service_worker transfers.holder transfers.offer".split()
) | {"transfers.apple", "transfers.linked_apple", "transfers.holder_apple"}  # shown where the ground's keys allow it


@pytest.fixture(scope="module")
def answers():
    """{anchor: its question and answer as the template has them}."""
    page = (TESTS.parent / "templates/site/help.html").read_text("utf-8")
    parts = re.split(r'<h3 id="([\w-]+)">', page)
    return {
        anchor: re.sub(r"\s+", " ", text.split("</section>")[0])
        for anchor, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_every_answer_has_its_proof_and_every_proof_its_answer(answers):
    assert set(answers) == set(ANSWERS)
    without = [anchor for anchor, proof in ANSWERS.items() if not proof.tests and not proof.others]
    assert without == []


def test_what_an_answer_tells_of_is_there(app, answers):
    # Buttons that an answer names are called so on the other pages.
    pages = "".join(
        file.read_text("utf-8") for file in (TESTS.parent / "templates").glob("*/*.html") if file.name != "help.html"
    )
    gone = []
    for anchor, proof in ANSWERS.items():
        for test in proof.tests:
            file, _, name = test.partition("::")
            if f"\ndef {name}(" not in (TESTS / file).read_text("utf-8"):
                gone.append((anchor, test))
        gone += [(anchor, door) for door in proof.doors if door not in app.view_functions]
        gone += [(anchor, words) for words in proof.words if words not in answers[anchor] or words not in pages]
    assert gone == [], "is what these answers say still true?"


def test_what_a_fan_can_do_with_a_ticket_has_an_answer(app):
    told = {door for proof in ANSWERS.values() for door in proof.doors} | PLAIN
    rooms = ("tickets", "transfers", "waiting")
    doors = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in rooms}
    assert doors - told == set(), "a new door for fans needs an answer"


def test_no_answer_denies_what_is_there(visitor):
    for path in ("/help", "/terms", "/privacy"):
        assert not re.search(r"not (here )?yet|coming soon", visitor.get(path).text, re.IGNORECASE), path
