"""Names: nothing of ours hides an installed package, only config.py reads the environment, importing
patches nothing.
"""

import ast
import importlib.metadata
import re
import subprocess
import sys

from config import PROJECT_DIR

# The PyPI package `realtime` is needed by the `supabase` client alone, which we do not use.
KNOWN_SHADOWS = {"realtime"}
FREE_TO_READ = {"sandbox", "bin", "bench", "tests", "static", ".venv", "var", "node_modules"}


def our_top_level_names():
    modules = {path.stem for path in PROJECT_DIR.glob("*.py")}
    packages = {path.parent.name for path in PROJECT_DIR.glob("*/__init__.py")}
    return modules | packages


def our_sources():
    for path in sorted(PROJECT_DIR.rglob("*.py")):
        if path.relative_to(PROJECT_DIR).parts[0] not in FREE_TO_READ:
            yield path


def reads_of_the_environment(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            if node.attr in ("environ", "environb", "getenv", "getenvb", "putenv"):
                yield node.lineno
        elif (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {"environ", "getenv"} & {name.name for name in node.names}
        ):
            yield node.lineno
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
            if any(name.split(".")[0] == "dotenv" for name in names):
                yield node.lineno


def test_no_installed_package_has_a_name_of_ours():
    installed = {name.split(".")[0] for name in importlib.metadata.packages_distributions()}
    assert our_top_level_names() & (installed | set(sys.stdlib_module_names)) <= KNOWN_SHADOWS


def test_the_known_shadow_is_not_installed():
    assert not KNOWN_SHADOWS & set(importlib.metadata.packages_distributions())


def test_only_config_reads_the_environment():
    readers = {
        str(path.relative_to(PROJECT_DIR))
        for path in our_sources()
        if list(reads_of_the_environment(ast.parse(path.read_text())))
    }
    assert readers == {"config.py"}


def test_the_search_for_readers_finds_them():
    planted = "import os\nfrom os import getenv\nx = os.environ['A']\ny = os.getenv('B')\nimport dotenv\n"
    assert sorted(reads_of_the_environment(ast.parse(planted))) == [2, 3, 4, 5]


def test_importing_the_app_patches_nothing():
    code = (
        "import socket, app; from eventlet.patcher import is_monkey_patched; assert not is_monkey_patched(socket), "
        "'socket is patched'"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=PROJECT_DIR, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_every_advisory_lock_has_a_number_of_its_own():
    """Two locks of one number would wait for each other: a running web process, say, and the upgrade beside it."""
    found = {}
    for path in sorted(PROJECT_DIR.rglob("*.py")):
        if path.relative_to(PROJECT_DIR).parts[0] not in (".venv", "var", "tests"):
            for name, number in re.findall(r"^(\w*LOCK) = (0x[0-9a-fA-F]+)", path.read_text(), re.MULTILINE):
                found.setdefault(int(number, 16), []).append(f"{path.relative_to(PROJECT_DIR)}: {name}")
    assert len(found) >= 5
    assert not [places for places in found.values() if len(places) > 1]
