"""What a refusal says stands once, in a sentences() table, under the code that the refusal names."""

import ast
import re
from string import Formatter

import pytest

import refusals
from tests.house.test_layers import ROOT, sources

NAME = re.compile(r"[A-Z]+(?:_[A-Z]+)*(?:\.[a-z_]+)?")


def calls(name):
    """(file:line, call) of every call of this name in the program."""
    for path, top in sources():
        if top not in ("tests", "sandbox", "bench"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in (name, f"refusals.{name}"):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def codes_in_sql():
    for path in sorted((ROOT / "migrations/sql").rglob("*.sql")):
        yield from re.findall(
            r"(?:app\.fail\(|raise exception |\b(?:then|else) )'([A-Z]+_[A-Z_]+(?:\.[a-z]+)?|MALFORMED)'",
            path.read_text(),
        )


def test_a_refusal_names_its_sentence_and_never_says_it(app):
    wrong, seen = [], 0
    for where, call in calls("Refused"):
        named = call.args[0] if len(call.args) == 1 else None
        if isinstance(named, ast.Constant):
            seen += 1
            if not NAME.fullmatch(named.value) or named.value not in refusals.SENTENCES:
                wrong.append(f"{where} {named.value!r} has no sentence")
        elif not isinstance(named, ast.Name):
            wrong.append(f"{where} {ast.unparse(call)}")
    assert not wrong and seen > 80, wrong


def test_every_code_of_the_database_has_a_sentence(app):
    codes = set(codes_in_sql())
    assert len(codes) > 70 and codes <= refusals.SENTENCES.keys()


def test_no_sentence_stands_twice(app):
    """Neither in the tables nor, as a literal, anywhere else in Python, a page or a script."""
    said = {name: text for name, text in refusals.SENTENCES.items() if isinstance(text, str) and " " in text}
    assert len(set(said.values())) == len(said) > 100
    kept = [path.read_text() for path, top in sources() if top not in ("tests", "sandbox", "bench", "migrations")]
    kept += [path.read_text() for path in sorted((ROOT / "templates").rglob("*.html"))]
    kept += [p.read_text() for p in sorted((ROOT / "static/js").rglob("*.js"))]
    texts = "\n".join(kept)
    again = {name: text for name, text in said.items() if "{" not in text and texts.count(text) > 1}
    assert not again


def test_a_script_has_no_words_of_its_own_for_a_code_of_the_server(app):
    """They come with the answer, or with the page; MALFORMED is also what a phone says of what was typed into it."""
    found = []
    for path in sorted((ROOT / "static/js").rglob("*.js")):
        for code in re.findall(r"code: \"([A-Z_]+)\",\s*message: [\"`']", path.read_text()):
            if code in refusals.SENTENCES:
                found.append(f"{path.name}: {code}")
    assert not found


def test_a_sentence_handed_in_twice_is_an_error(app):
    with pytest.raises(ValueError, match="SEATS_TAKEN"):
        refusals.sentences({"SEATS_TAKEN": "Gone."})


def test_what_a_sentence_needs_is_given_with_its_refusal(app):
    """A word in braces comes from `words` or the details of each refusal that names it."""
    for where, call in calls("Refused"):
        said = refusals.SENTENCES.get(getattr(call.args[0], "value", None))
        if isinstance(said, str):
            given = {keyword.arg for keyword in call.keywords} - {"status", "words"}
            for keyword in call.keywords:
                if keyword.arg == "words" and isinstance(keyword.value, ast.Dict):
                    given |= {key.value for key in keyword.value.keys}
            wanted = {field for _, field, _, _ in Formatter().parse(said) if field}
            assert wanted <= given, f"{where} does not give {wanted - given}"


def test_the_case_of_a_code_is_not_for_programs(app):
    refusal = refusals.Refused("MALFORMED.number", status=422, words={"name": "count"}, key="k")
    assert (str(refusal), refusal.code, refusal.details) == ("count must be a whole number.", "MALFORMED", {"key": "k"})
