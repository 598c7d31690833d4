"""The difference of two JSON documents, small enough to send with every ball: of boards as operations, of views as a
merge patch.

A patch of a board is a list of operations in order: `[path, value]` sets what stands at the path, `[path]` removes it.
A path is a list of keys and indices; setting a list at its own length appends.

A merge patch (RFC 7386) is shaped like the document itself and holds what has changed, null for what is gone. It names
each part once, but a list changes as a whole. `static/js/patch.js` applies it in the browser.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def diff(old: dict[str, Any], new: dict[str, Any]) -> list[list[Any]]:
    """The patch that turns `old` into `new`. Both are dictionaries of JSON values."""
    return _diff(old, new, [])


def apply_patch(document: dict[str, Any], patch: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """`document` with the patch applied, changed in place and returned.

    Raises LookupError or TypeError when the patch is for another document.
    """
    for path, *value in patch:
        place = document
        for key in path[:-1]:
            place = place[key]
        last = path[-1]
        if not value:
            del place[last]
        elif isinstance(place, list) and last == len(place):
            place.append(_copy(value[0]))
        else:
            place[last] = _copy(value[0])
    return document


def merge_diff(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The merge patch that turns `old` into `new`. Both are dictionaries of JSON values in which nothing is null."""
    patch: dict[str, Any] = {key: None for key in old if key not in new}
    for key, value in new.items():
        known = old.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            part = {} if known is value else merge_diff(known, value)
            if part:
                patch[key] = part
        elif type(known) is not type(value) or known != value:
            patch[key] = value
    return patch


def merge(document: dict[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`document` with the merge patch applied, changed in place and returned."""
    for key, value in patch.items():
        if value is None:
            document.pop(key, None)
        elif isinstance(value, dict):
            known = document.get(key)
            document[key] = merge(known if isinstance(known, dict) else {}, value)
        else:
            document[key] = _copy(value)
    return document


def size(value: Any) -> int:
    """Bytes of the value as compact JSON, as it travels."""
    return len(dumps(value).encode())


def dumps(value: Any) -> str:
    """Compact JSON, as it travels."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _diff(old: Any, new: Any, path: list[str | int]) -> list[list[Any]]:
    if old is new or (type(old) is type(new) and old == new):
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        found = [[path + [key]] for key in old if key not in new]
        for key, value in new.items():
            found += _diff(old[key], value, path + [key]) if key in old else [[path + [key], value]]
    elif isinstance(old, list) and isinstance(new, list):
        common = min(len(old), len(new))
        found = [operation for at in range(common) for operation in _diff(old[at], new[at], path + [at])]
        found += [[path + [at], new[at]] for at in range(common, len(new))]
        found += [[path + [at]] for at in reversed(range(common, len(old)))]
    else:
        return [[path, new]]
    if path and len(found) > 1:
        cost = size(found)
        if _leaves(new, cost // 2) < cost // 2 and size([path, new]) < cost:
            return [[path, new]]
    return found


def _leaves(value: Any, limit: int) -> int:
    """How many scalars a value holds; stops counting at the limit, because a leaf takes two bytes at least."""
    count, waiting = 0, [value]
    while waiting and count < limit:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            count += len(value)
        elif isinstance(value, list):
            waiting += value
        else:
            count += 1
    return count


def _copy(value: Any) -> Any:
    """A patch may be applied to several documents; none of them may share a list with it."""
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copy(each) for each in value]
    return value
