"""Rows that a function of the database hands on as JSON, as the objects of models/ without a session behind them."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import DateTime, LargeBinary, Uuid, inspect

from extensions import db

Thing = TypeVar("Thing", bound=db.Model)


def of_json(model: type[Thing], row: Mapping[str, Any], **related: Any) -> Thing:
    """The object of a row as `to_json()` writes it; `related` is what its relationships lead to."""
    made = inspect(model).class_manager.new_instance()
    values = made.__dict__
    values.update(row)
    for name, read in _readers(model):
        if (written := row.get(name)) is not None:
            values[name] = read(written)
    values.update(related)
    return made


@cache
def _readers(model: type[db.Model]) -> tuple[tuple[str, Callable[[str], Any]], ...]:
    """(column, what reads its JSON) of the columns that JSON has no type for."""
    readers: dict[type, Callable[[str], Any]] = {
        DateTime: datetime.fromisoformat,
        Uuid: uuid.UUID,
        LargeBinary: lambda written: bytes.fromhex(written.removeprefix("\\x")),
    }
    return tuple(
        (name, read)
        for name, column in inspect(model).columns.items()
        for kind, read in readers.items()
        if isinstance(column.type, kind)
    )
