"""What bin/lint-files finds: long lines and files, a layer in two blocks, and SQL that PostgreSQL could not read."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FUNCTION = """create function app.one() returns int language plpgsql as $$
begin
  return {};
end $$;
"""


def linted(*names):
    done = subprocess.run(
        [sys.executable, ROOT / "bin/lint-files", *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.js", "// " + "x" * 117 + "\n", None),
        ("a.js", "\n// " + "x" * 118 + "\n", "a.js:2: 121 columns"),
        ("a.css", "/* " + "x" * 118 + "*/", "a.css:1: 123 columns"),
        ("a.html", "<p>" + "x" * 118 + "</p>", "a.html:1: 125 columns"),
        ("a.html", f'<path d="{"M1 1" * 40}"/>', None),
        ("a.sql", f"select '{'x' * 120}';", "a.sql:1: 130 columns"),
        ("demo/a.sql", f"select '{'x' * 120}';", None),
        ("a.sql", FUNCTION.format("1 + 1"), None),
        ("a.sql", FUNCTION.format("1 + + from"), "a.sql:1: syntax error"),
        ("a.sql", "create function app.two() returns int language sql as $$ selec 1 $$;", "a.sql:1: syntax error"),
        ("a.css", "@layer a {\n}\n@layer b {\n}\n", None),
        ("a.css", "@layer a {\n}\n@layer a {\n}\n", "a.css:1: a layer in two blocks"),
        ("a.py", "x = 1\n" * 601, "a.py:601: 601 lines"),
        ("vendor/a.js", "// " + "x" * 130, None),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path, name, text, fault):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    code, said = linted(file)
    assert code == (1 if fault else 0), said
    assert (fault or "files read") in said
