"""The words around the code: what they name exists, and every refusal that the code knows is described."""

import ast
import re
import struct
import subprocess
import tomllib
from functools import cache

import pytest

from config import PROJECT_DIR
from refusals import SENTENCES

PAGES = ("README.md", "SECURITY.md", "CHANGELOG.md", "sandbox/README.md", "migrations/README.md", "docs/api.md")
README_COMMAND = re.compile(r"^    ((?:bin|make|python|flask|TEST_\w+=\S+ make)\b[^#\n]*)", re.MULTILINE)
# What a command line calls, in any of the ways that the README shows.
# The rooms whose refusals a program may meet by the API. The gate's phones and staff's pages have words of their own.
WITH_REFUSALS = (
    "gate",
    "outside",
    "views",
    "web",
    "booking",
    "seating",
    "tickets",
    "catalogue",
    "backoffice",
    "messages",
    "accounts",
    "cricket",
)
MODULE = re.compile(r"python -m ([\w.]+)")


@cache
def words(page):
    return (PROJECT_DIR / page).read_text()


def anchors(page):
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"(?m)^#+ (.*)$", words(page))
    }


# --- links, files and commands --------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    found = re.findall(r"\]\(([^)\s]+)\)", words(page)) + re.findall(
        r'src="([^"]+)"', words(page).replace('<script src="URL', "")
    )
    for link in found:
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (PROJECT_DIR / page).parent / path if path else PROJECT_DIR / page
        assert target.exists(), f"{page} links to {link}"
        if anchor:
            assert anchor in anchors(target.relative_to(PROJECT_DIR)), f"{page} links to {link}"


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_named_exist(page):
    base = (PROJECT_DIR / page).parent
    for name in re.findall(r"`((?:[\w.-]+/)*[\w.-]+(?:\.(?:py|md|toml|sql|js|txt)|/))`", words(page)):
        assert any((folder / name).exists() for folder in (PROJECT_DIR, base)), f"{page} names {name}"


def test_pictures_are_small_and_described():
    pictures = sorted((PROJECT_DIR / "docs/img").glob("*.png"))
    assert pictures and sum(p.stat().st_size for p in pictures) < 1_000_000
    for picture in pictures:
        content = picture.read_bytes()
        assert (
            len(content) < 250_000
            and content.startswith(b"\x89PNG")
            and min(struct.unpack(">II", content[16:24])) > 300
        )
        name = re.escape(f"docs/img/{picture.name}")
        assert re.search(rf'!\[[^\]]{{20,}}\]\({name}\)|src="{name}"[^>]* alt="[^"]{{20,}}"', words("README.md")), (
            f"{picture.name} is not described"
        )


def test_commands_that_are_named_exist(app):
    makefile = words("Makefile")
    targets = set(re.findall(r"(?m)^([a-z-]+):", makefile))
    named = README_COMMAND.findall(words("README.md"))
    assert len(named) > 10
    for line in named:
        if target := re.search(r"\bmake ([\w-]+)", line):
            assert target[1] in targets, line
        elif line.startswith("bin/"):
            assert (PROJECT_DIR / line.split()[0]).stat().st_mode & 0o111, line
        elif module := MODULE.match(line):
            assert (PROJECT_DIR / f"{module[1].replace('.', '/')}.py").exists(), line
        elif line.startswith("flask"):
            command = app.cli.get_command(None, re.match(r"flask --app app ([\w-]+)", line)[1])
            assert command is not None, line
            options = {o for p in command.params for o in p.opts}
            if sub := getattr(command, "commands", None):
                options |= {o for c in sub.values() for p in c.params for o in p.opts}
                assert set(sub) & set(line.split()), line
            assert {w for w in line.split() if w.startswith("--")} - {"--app"} <= options, line
        else:
            assert (PROJECT_DIR / line.split()[1]).exists(), line
    for target in re.findall(r"`make ([\w-]+)`", "".join(words(page) for page in PAGES)):
        assert target in targets, target


def test_every_measurement_has_its_command():
    # Programs that are run by these alone describe no options of their own.
    programs = [
        p
        for p in (PROJECT_DIR / "bench").glob("*.py")
        if 'if __name__ == "__main__"' in p.read_text() and "ArgumentParser(description=__doc__" in p.read_text()
    ]
    assert programs
    for program in programs:
        assert f"python -m bench.{program.stem}" in words("README.md"), program.name


def test_the_version_asked_for_is_the_one_that_is_checked():
    asked = tomllib.loads(words("pyproject.toml"))["project"]["requires-python"].removeprefix(">=")
    assert f"Python {asked}" in words("README.md") and f"({asked.replace('.', ', ')})" in words("bin/setup")


def test_the_screenshots_script_is_sound():
    subprocess.run(["bash", "-n", "bin/screenshots"], cwd=PROJECT_DIR, check=True)
    compile(words("bin/screenshots").partition("<<'PYTHON'\n")[2].rpartition("PYTHON")[0], "bin/screenshots", "exec")


# --- the API --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows_of_codes():
    """{code: (statuses, sentence)} as docs/api.md lists them, each once."""
    found = re.findall(r"(?m)^\| `([A-Z_]+)` \| ([\d, ]+) \| (.+?) \| [^|]*\|$", words("docs/api.md"))
    assert len(found) == len({code for code, _, _ in found}), "a code stands twice"
    return {code: ({int(s) for s in statuses.split(",")}, sentence) for code, statuses, sentence in found}


def codes_in_sql():
    for path in sorted((PROJECT_DIR / "migrations/sql").rglob("*.sql")):
        for code, status in re.findall(r"app\.fail\('([A-Z_]+)'(?:, *(\d+))?", path.read_text()):
            yield code, int(status or 409)
        for code in re.findall(r"\b(?:then|else) '([A-Z]+_[A-Z_]+)'", path.read_text()):
            yield code, 409  # a problem that is raised by its name
        for code, status in re.findall(r"raise exception '([A-Z_]+)' using errcode = 'CV(\d+)'", path.read_text()):
            yield code, int(status)


def codes_in_python():
    for folder in WITH_REFUSALS:
        for path in sorted((PROJECT_DIR / folder).rglob("*.py")):
            source = path.read_text()
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Refused"):
                    given = {k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)}
                    if node.args and isinstance(node.args[0], ast.Constant):
                        yield node.args[0].value.partition(".")[0], given.get("status", 409)
            for code in re.findall(r'"code": "([A-Z_]+)"', source):
                yield code, None
    errors = words("web/errors.py")
    for code in re.findall(r'answer\(\s*\d+, .*?"([A-Z_]+)"', errors):
        yield code, None


def test_every_code_is_described_with_its_status(rows_of_codes):
    from web.errors import PAGES as WHOLE_PAGES

    pages = [(code, status) for status, (_, _, code) in WHOLE_PAGES.items()]
    known = [*codes_in_sql(), *codes_in_python(), *pages]
    assert {code for code, _ in known} >= {"SEATS_TAKEN", "REFUND_TOO_LARGE", "BAD_SIGNATURE", "NOT_FOUND", "BUSY"}
    missing = sorted(
        {(c, s) for c, s in known if c not in rows_of_codes or (s is not None and s not in rows_of_codes[c][0])},
        key=str,
    )
    assert not missing, f"docs/api.md does not describe {missing}"
    unknown = set(rows_of_codes) - {code for code, _ in known}
    assert not unknown, f"docs/api.md describes {unknown}, which nothing says"


def test_every_sentence_is_the_one_that_is_said(app, rows_of_codes):
    wrong = {}
    for name, said in SENTENCES.items():
        code, _, case = name.partition(".")
        if case:
            said = None  # a case of a code has words of its own; the page describes the code
        if code not in rows_of_codes or (isinstance(said, str) and rows_of_codes[code][1] != said):
            wrong[name] = said
    assert not wrong, f"docs/api.md says otherwise of {wrong}"


def test_every_route_of_the_api_is_described(app):
    described = re.sub(r"<[^>]*>", "<>", words("docs/api.md"))
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") or rule.rule in ("/healthz", "/readyz"):
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                path = re.sub(r"<[^>]*>", "<>", rule.rule)
                assert re.search(rf"`[^`]*{method} {re.escape(path)}`", described), f"{method} {rule.rule}"


def test_plain_words():
    for page in PAGES:
        assert "!" not in re.sub(r"!\[|`[^`]*`", "", words(page)), f"{page} shouts"


def test_the_architecture_names_what_is_there():
    """Every file that the page walks through exists, and every room has its line."""
    told = words("docs/architecture.md")
    named = re.findall(r"`([\w/.<>*]+)`", told)
    files = {name for name in named if "/" in name and "<" not in name and "*" not in name}
    assert len(files) > 60
    starts = ("", "migrations/", "migrations/sql/", "static/js/", "static/js/gate/", "cricket/", "tests/")
    gone = sorted(name for name in files if not any((PROJECT_DIR / start / name).exists() for start in starts))
    assert not gone, gone
    rooms = {path.parent.name for path in PROJECT_DIR.glob("*/__init__.py") if not path.parent.name.startswith(".")}
    roots = {path.name for path in PROJECT_DIR.glob("*.py")}
    missing = sorted(({f"{room}/" for room in rooms} | roots) - set(named))
    assert not missing, missing
