"""One event loop serves everybody where eventlet is used: is it here, and how long work stays off it."""

import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


def is_green() -> bool:
    """Whether eventlet has patched this process. Does not load it where it is not used."""
    patcher = sys.modules.get("eventlet.patcher")
    return bool(patcher and patcher.is_monkey_patched("socket"))


def off_the_loop(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of `work(*args)`, done in a real thread where a loop would wait for it, else right here."""
    if not is_green():
        return work(*args, **kwargs)
    from eventlet import tpool

    return cast(T, tpool.execute(work, *args, **kwargs))
