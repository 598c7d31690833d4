"""Which style sheets pages can ask for together, read from the templates themselves: a fixed set, so that nobody makes
us join sheets in an order of their own.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from jinja2 import Environment, nodes


def sets_asked_for(environment: Environment) -> Iterator[tuple[str, ...]]:
    """Every sequence of names that some template can give to `stylesheet`: what its block `styles`, or its own
    `sheets`, says by ui.sheet("…"), each way through its conditions once.
    """
    yield ()  # a page that names none
    for name in environment.list_templates(filter_func=lambda name: name.endswith(".html")):
        source = environment.loader.get_source(environment, name)[0] if environment.loader else ""
        if ".sheet(" not in source:
            continue
        for node in environment.parse(source).find_all((nodes.Block, nodes.Assign)):
            if isinstance(node, nodes.Block) and node.name == "styles":
                yield from _ways(node.body)
            elif isinstance(node, nodes.Assign) and getattr(node.target, "name", None) == "sheets":
                yield from _ways([node.node])


def _ways(part: Iterable[nodes.Node]) -> list[tuple[str, ...]]:
    """What these nodes can name, one after the other."""
    return [sum(way, ()) for way in product(*map(_ways_of, part))]


def _ways_of(node: nodes.Node) -> list[tuple[str, ...]]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr) and node.node.attr == "sheet":
        return [(node.args[0].as_const(),)]
    if isinstance(node, nodes.If):
        return _ways(node.body) + [way for other in node.elif_ for way in _ways(other.body)] + _ways(node.else_)
    return _ways(node.iter_child_nodes())
