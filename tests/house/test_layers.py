"""The house stands as it was drawn: imports point one way, one place commits, every route has a guard, app.py only
wires.
"""

import ast
import re
import tomllib
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = {
    "caches",
    "config",
    "database",
    "embedded",
    "enhanced_models",
    "extensions",
    "green",
    "outside",
    "models",
    "refusals",
    "supabase_config",
}
EDGES = {"caches", "live", "notifications", "providers", "qr_codes", "realtime", "stripe_integration"}
RULES = {
    "accounts",
    "analytics",
    "backoffice",
    "booking",
    "catalogue",
    "chatbot",
    "cricket",
    "gate",
    "messages",
    "mfa",
    "seating",
    "tickets",
    "waiting",
}
DOORS = {"app", "demo", "serving", "views", "web"}
APART = {"sandbox", "tests", "bench", "migrations", "bin"}
LAYERS = [BASE, EDGES, RULES, DOORS]


def sources(*folders):
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).parts
        if not parts[0].startswith(".") and (not folders or parts[0].removesuffix(".py") in folders):
            if parts[0] not in ("var", "node_modules"):
                yield path, parts[0].removesuffix(".py")


def imports_of(path):
    """Top-level names of ours that a file imports, wherever in the file the import stands."""
    ours = set().union(*LAYERS) | APART
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names if alias.name.split(".")[0] in ours)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module.split(".")[0] in ours:
                yield node.module.split(".")[0]


def nodes_of(path):
    """Every node of a file but those that only run when the file is the program."""
    tree = ast.parse(path.read_text())
    tree.body = [
        n for n in tree.body if not (isinstance(n, ast.If) and ast.unparse(n.test).startswith("__name__ == '__main__'"))
    ]
    return ast.walk(tree)


def layer_of(name):
    return next((i for i, layer in enumerate(LAYERS) if name in layer), None)


def test_every_top_level_module_has_a_layer():
    known = set().union(*LAYERS) | APART
    there = {name for _, name in sources()}
    assert there <= known, f"say in tests/house/test_layers.py where these belong: {sorted(there - known)}"


def test_imports_point_one_way():
    wrong = []
    for path, name in sources(*set().union(*LAYERS)):
        for target in imports_of(path):
            mine, theirs = layer_of(name), layer_of(target)
            if target in APART and not (name == "supabase_config" and target == "migrations"):
                wrong.append(f"{path.relative_to(ROOT)} imports {target}")
            elif theirs is not None and theirs > mine:
                wrong.append(f"{path.relative_to(ROOT)} ({name}) imports {target}, a layer above")
    assert not wrong, "\n".join(wrong)


def test_the_sandbox_imports_nothing_of_ours():
    for path, _ in sources("sandbox"):
        assert not set(imports_of(path)) - {"sandbox"}, path


def modules_of_the_house():
    """{dotted name: path} of every file that belongs to a layer."""
    return {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
        for p, n in sources()
        if n not in APART
    }


def graph_of(modules):
    """{module: modules of ours that it imports}, not counting what only runs when the file is the program."""
    graph = {}
    for name, path in modules.items():
        targets = set()
        for node in nodes_of(path):
            if isinstance(node, ast.Import):
                targets |= {a.name for a in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                targets |= {
                    f"{node.module}.{a.name}" if f"{node.module}.{a.name}" in modules else node.module
                    for a in node.names
                }
        graph[name] = {t for t in targets if t in modules and t != name}
    return graph


def refuse_circles(graph):
    done, path = set(), []

    def visit(name):
        assert name not in path, f"a circle: {' → '.join([*path[path.index(name) :], name])}"
        if name in done:
            return
        path.append(name)
        for target in sorted(graph[name]):
            visit(target)
        path.pop()
        done.add(name)

    for name in graph:
        visit(name)


def test_no_circles():
    """Neither files nor rooms form a circle."""
    graph = graph_of(modules_of_the_house())
    refuse_circles(graph)
    rooms = {}
    for name, targets in graph.items():
        room = name.split(".")[0]
        rooms.setdefault(room, set()).update({t.split(".")[0] for t in targets} - {room})
    refuse_circles(rooms)


def test_the_root_holds_the_card_and_the_wiring():
    """Fifteen at most: ten of the card, and what everybody needs."""
    card = (
        "app enhanced_models realtime stripe_integration supabase_config chatbot notifications mfa qr_codes analytics"
    )
    wiring = "config extensions database refusals"
    there = {path.stem for path in ROOT.glob("*.py")}
    assert len(there) <= 15
    assert there <= {*card.split(), *wiring.split(), "providers"}


def test_every_room_says_what_is_inside():
    for package in ROOT.glob("*/__init__.py"):
        if not package.parent.name.startswith("."):
            for inside in (package, *package.parent.rglob("*/__init__.py")):
                assert ast.get_docstring(ast.parse(inside.read_text())), f"{inside.relative_to(ROOT)} says nothing"


def test_types_are_asked_for_and_checked_below_the_doors():
    """No setting lets a rule, an edge or the base go without annotations, or out of the checker's sight."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    lint = tools["ruff"]["lint"]
    assert {"ANN001", "ANN002", "ANN003", "ANN201"} <= set(lint["select"])
    spared = [path for path, rules in lint["per-file-ignores"].items() if any(r.startswith("ANN") for r in rules)]
    for paths in (spared, tools["pyrefly"]["project-excludes"]):
        named = set(re.findall(r"\w+", " ".join(paths)))
        assert not named & (BASE | EDGES | RULES), sorted(named & (BASE | EDGES | RULES))


def test_the_rules_of_cricket_know_no_database():
    """Engine, board and files are functions of data; only `cricket.matches` meets the database."""
    for part in ("engine", "board", "cricsheet"):
        for path in (ROOT / "cricket" / part).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = (
                    [a.name for a in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else []
                )
                for name in names:
                    first = name.split(".")[0]
                    assert first not in {*BASE, *EDGES, "sqlalchemy", "flask"}, f"{path.name} imports {name}"
                    assert not name.startswith("cricket.matches"), f"{path.name} imports {name}"


def test_only_database_commits():
    """`in_transaction()` and `transaction()` are the only code that commits; a rollback elsewhere is an
    error page's.
    """
    allowed = {"database.py", "web/errors.py", "views/health.py"}
    for path, name in sources(*set().union(*LAYERS)):
        relative = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("commit", "rollback")
            ):
                if name in ("supabase_config", "embedded", "demo", "serving"):
                    continue  # these speak to the database as the migrating login, before or beside the application
                assert relative in allowed, f"{relative}:{node.lineno} {ast.unparse(node.func)}"
                assert node.func.attr == "rollback" or relative == "database.py", f"{relative}:{node.lineno} commits"


def test_app_only_wires():
    tree = ast.parse((ROOT / "app.py").read_text())
    assert not [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.Attribute) and n.attr in ("route", "get", "post", "execute", "scalar", "query")
    ]


# What a view may take from the database's module: transactions, and whether anybody answers there.
FOR_VIEWS = {"versions", "in_transaction", "between_transactions", "transaction", "database_is_away", "ping"}


def test_views_hold_no_query():
    """Neither a query nor a call of an SQL function: views ask rules."""
    for path, _ in sources("views", "web"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sqlalchemy"):
                assert node.module == "sqlalchemy.exc", f"{path.name} imports {node.module}"
            if isinstance(node, ast.ImportFrom) and node.module == "database":
                wrong = {alias.name for alias in node.names} - FOR_VIEWS
                assert not wrong, f"{path.name} calls SQL itself: {sorted(wrong)}; a rule does that"
            if isinstance(node, ast.Attribute):
                said = ast.unparse(node)
                allowed = said in ("db.session", "db.session.rollback")  # the latter is an error page's
                assert allowed or not said.startswith(("database.", "db.")), f"{path.name}: {said}"


def test_models_write_no_sql_of_functions():
    """SQL that defines roles, policies, functions or triggers lives in migrations only."""
    for path, name in sources(*set().union(*LAYERS)):
        text = path.read_text().lower()
        for phrase in ("create policy", "create trigger", "create or replace function", "enable row level security"):
            assert phrase not in text, f"{path.relative_to(ROOT)}: {phrase}"
        if name != "supabase_config":
            assert "create role" not in text and "alter role" not in text, path


def test_every_route_has_a_guard(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            guard = getattr(app.view_functions[rule.endpoint], "guard", None)
            assert guard in {"public", "visitor", "fan", "sell", "score", "run_gates", "device", "signed", "link"}, (
                f"{rule} has no guard"
            )


def test_a_route_without_a_guard_does_not_start(app):
    from flask import Flask

    from web import guards

    other = Flask("other")
    other.add_url_rule("/open", "open", lambda: "")
    with pytest.raises(RuntimeError, match="/open"):
        guards.init_app(other)


def test_get_and_post_are_two_functions(app):
    for rule in app.url_map.iter_rules():
        methods = rule.methods - {"HEAD", "OPTIONS"}
        assert len(methods) == 1, f"{rule} takes {sorted(methods)} in one function"


def test_every_post_asks_for_a_token_but_the_signed_ones(app):
    """A form or script without CSRF token is refused; the webhook verifies a signature instead."""
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        for method in rule.methods & {"POST", "DELETE", "PUT", "PATCH"}:
            path = rule.rule
            for converter in rule.arguments:
                part = next(p for p in path.split("/") if p.endswith(f"{converter}>"))
                path = path.replace(part, f"{uuid.UUID(int=1)}" if part.startswith("<uuid:") else "1")
            answer = client.open(path, method=method)
            guard = app.view_functions[rule.endpoint].guard
            assert answer.status_code == 400, f"{method} {path}: {answer.status_code}"
            assert (
                guard in ("signed", "device")
                or "FORM_EXPIRED" in answer.get_data(as_text=True)
                or "open for too long" in answer.get_data(as_text=True)
            ), path
