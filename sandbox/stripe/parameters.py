"""Request parameters: Stripe's bracketed form encoding, checked against the SDK's own TypedDicts.

The classes under `stripe.params` are generated from Stripe's API description, so they are the allow-list: a name or
a value that they do not know is refused with the error Stripe gives."""

import functools
import operator
import re
import sys
import types
import typing
from urllib.parse import parse_qsl

from sandbox.stripe.errors import invalid

_PART = re.compile(r"\[([^\[\]]*)\]")


def read_form(text):
    """`a[b][0]=c` as nested dicts of strings: `{"a": {"b": {"0": "c"}}}`."""
    nested = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head = name.split("[", 1)[0]
        path = [head, *_PART.findall(name[len(head) :])]
        here = nested
        for part in path[:-1]:
            here = here.setdefault(part, {})
            if not isinstance(here, dict):
                raise invalid(f"Invalid parameter: {name}", param=name)
        last = path[-1] if path[-1] else str(len(here))
        here[last] = value
    return nested


def check(class_name, data):
    """The parameters as Python values (int, bool, list, dict), or a StripeError that names the first wrong one."""
    import stripe.params  # large: loaded at the first request, not at the start

    return _typed_dict(getattr(stripe.params, class_name), data, "")


@functools.cache
def _request_options():
    from stripe._request_options import RequestOptions

    return frozenset(RequestOptions.__annotations__)


@functools.cache
def _fields(cls):
    """Field name → annotation, without the SDK's own request options, forward references resolved."""
    namespace = vars(sys.modules[cls.__module__])
    fields = {}
    for name, annotation in cls.__annotations__.items():
        if name in _request_options():
            continue
        fields[name] = _resolve(annotation, namespace)
    return fields


def _resolve(annotation, namespace):
    if isinstance(annotation, typing.ForwardRef):
        return _resolve(
            eval(annotation.__forward_arg__, {**vars(typing), **namespace}), namespace
        )  # the SDK's own text, not a caller's
    if typing.get_origin(annotation) in (typing.NotRequired, typing.Required):
        return _resolve(typing.get_args(annotation)[0], namespace)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return functools.reduce(operator.or_, (_resolve(arm, namespace) for arm in typing.get_args(annotation)))
    if typing.get_origin(annotation) is list:
        return list[_resolve(typing.get_args(annotation)[0], namespace)]
    return annotation


def _typed_dict(cls, data, path):
    if not isinstance(data, dict):
        raise invalid("Invalid object", param=path)
    fields, result = _fields(cls), {}
    for name, value in data.items():
        where = f"{path}[{name}]" if path else name
        if name not in fields:
            raise invalid(f"Received unknown parameter: {where}", param=where, code="parameter_unknown")
        result[name] = _coerce(value, fields[name], where)
    for name in sorted(cls.__required_keys__ - set(data) - _request_options()):
        where = f"{path}[{name}]" if path else name
        raise invalid(f"Missing required param: {where}.", param=where, code="parameter_missing")
    return result


def _coerce(value, kind, where):
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _coerce_union(value, typing.get_args(kind), where)
    if origin is typing.Literal:
        choices = typing.get_args(kind)
        if value not in choices:
            raise invalid(f"Invalid {where}: must be one of {_or(choices)}", param=where)
        return value
    if origin is list:
        if not isinstance(value, dict) or sorted(map(int, filter(str.isdigit, value))) != list(range(len(value))):
            raise invalid("Invalid array", param=where)
        return [
            _coerce(value[str(number)], typing.get_args(kind)[0], f"{where}[{number}]") for number in range(len(value))
        ]
    if hasattr(kind, "__required_keys__"):  # a TypedDict, whichever module the SDK took it from
        return _typed_dict(kind, value, where)
    if kind is int:
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise invalid(f"Invalid integer: {_short(value)}", param=where, code="parameter_invalid_integer")
        return int(value)
    if kind is bool:
        if value not in ("true", "false"):
            raise invalid(f"Invalid boolean: {_short(value)}", param=where)
        return value == "true"
    if kind is str:
        if not isinstance(value, str):
            raise invalid("Invalid string", param=where)
        return value
    return _coerce_map(value, where)


def _coerce_union(value, arms, where):
    arms = [arm for arm in arms if arm is not type(None)]
    literals = [choice for arm in arms if typing.get_origin(arm) is typing.Literal for choice in typing.get_args(arm)]
    if literals and value in literals:
        return value
    # `Literal[...] | str` is how the SDK writes a list that may grow; the API itself knows only the listed values.
    rest = [arm for arm in arms if typing.get_origin(arm) is not typing.Literal]
    if literals and [choice for choice in literals if choice != ""]:
        rest = [arm for arm in rest if arm is not str]
    error = invalid(f"Invalid {where}: must be one of {_or(literals)}", param=where)
    for arm in rest:
        try:
            return _coerce(value, arm, where)
        except Exception as failure:
            error = failure
    raise error


def _coerce_map(value, where):
    """Metadata and the like: strings by string, within Stripe's limits (50 keys, 40 and 500 characters)."""
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise invalid("Invalid object", param=where)
    if len(value) > 50:
        raise invalid("Metadata can have at most 50 keys.", param=where)
    for name, item in value.items():
        if len(name) > 40:
            raise invalid(
                f"Metadata keys can have up to 40 characters, but you passed in a key that is {len(name)} characters.",
                param=where,
            )
        if len(item) > 500:
            text = (
                f"Metadata values can have up to 500 characters, but you passed in a value that is {len(item)} "
                "characters."
            )
            raise invalid(text, param=f"{where}[{name}]")
    return dict(value)


def _or(choices):
    shown = [choice for choice in choices if choice != ""]
    return ", ".join(shown[:-1]) + (" or " if len(shown) > 1 else "") + (shown[-1] if shown else "")


def _short(value):
    return str(value)[:100] if isinstance(value, str) else "object"
