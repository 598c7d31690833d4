"""Real files bent into odd corners: the cards that the engine gives and those of a second, plain reading of the same
JSON agree, and survive export and import. A small share of the ways by default; `make bent-files` tries many.
"""

import json
import os
import random

import pytest

from cricket.cricsheet import match_file
from cricket.cricsheet.cards import innings_cards
from cricket.engine.scoring import fold
from tests.support.bending import bent, name_one_twice, play_of
from tests.support.plain_reading import plain_cards

FILES = int(os.environ.get("BENT_FILES", 40))
SEED = int(os.environ.get("BENT_SEED", 15))
SHORT = 300
"""Balls of the matches that the everyday run bends; all are bent where many are asked for."""


@pytest.fixture
def documents(shared):
    found = {path.stem: json.loads(path.read_text()) for path in sorted((shared / "cricsheet/matches").glob("*.json"))}
    short = {
        name: document
        for name, document in found.items()
        if sum(len(play_of(innings)) for innings in document["innings"]) < SHORT
    }
    return list((found if "BENT_FILES" in os.environ else short).items())


def engine_cards(document, name):
    source = match_file.read(json.dumps(document).encode(), name)
    state = fold(source.events)
    return source, state, json.loads(json.dumps(innings_cards(state)))


def in_order(cards):
    """The same cards, with the orders of batting and bowling, which equality of objects does not see."""
    return [(card, list(card["batting"]), list(card["bowling"])) for card in cards]


def test_the_second_reading_gives_the_known_cards(shared):
    for path in sorted((shared / "cricsheet/expected").glob("*.json")):
        known = json.loads(path.read_text())["innings"]
        document = json.loads((shared / "cricsheet/matches" / path.name).read_text(), parse_float=str)
        assert in_order(json.loads(json.dumps(plain_cards(document)))) == in_order(known), path.stem


def test_two_readings_of_bent_files_agree(documents):
    for number in range(FILES):
        chance = random.Random(f"{SEED} {number}")
        name, document = chance.choice(documents)
        document, ways = bent(document, chance)
        told = f"file {number} of seed {SEED}: {name}, {', '.join(ways)}"
        source, state, cards = engine_cards(document, name)
        assert in_order(cards) == in_order(json.loads(json.dumps(plain_cards(document)))), told
        assert not state.problems or "overs_of_another_length" in ways, (told, state.problems)
        match_file.verdict(source, state)
        again, _, same = engine_cards(match_file.export(state, source.events, source.info), name)
        assert in_order(same) == in_order(cards) and (again.outcome == source.outcome or not source.outcome), told
        twice = name_one_twice(document, chance)
        if twice:
            source, _, cards = engine_cards(twice[0], name)
            assert in_order(cards) == in_order(json.loads(json.dumps(plain_cards(twice[1])))), told
            assert any("at both ends" in warning for warning in source.warnings), told
