"""Records as canonical JSON text, and back.

One record has one text: keys sorted, no spaces, ASCII, fields at their default left out. Decimals are strings, so every
printed digit survives; dates are ISO; enums their value; floats that JSON cannot hold the strings ``inf``, ``-inf``,
``nan``. Where a field may hold one of several records (a call's finding) the key ``type`` names it.

A record read again is equal to the one written and prints alike, so nothing can depend on which of the two it is.

A field may be added to a record with a default and old texts still read; the default of a field must never change.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii as quoted
from operator import attrgetter
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
#: A value as JSON text.
Write = Callable[[Any], str]
#: A value out of what JSON holds.
Read = Callable[[Any], Any]

_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def encode(record: Any) -> str:
    """The canonical text of a record of ``moltrack.model``."""
    cls: Any = type(record)
    return _converters(cls)[0](record)


def decode(text: str, cls: type[T]) -> T:
    """The record of that class whose text this is.

    Raises
    ------
    ValueError, KeyError, TypeError
        The text is not a record of that class.
    """
    kind: Any = cls
    record: T = _converters(kind)[1](json.loads(text))
    return record


def dump_json(value: Any) -> str:
    """Plain JSON values (lists, mappings, text, numbers) in the same canonical form."""
    return _dump(value)


@cache
def _converters(annotation: Any) -> tuple[Write, Read]:
    """How values of a field's type are written, and read back. Texts are put together here: many calls land at once."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        kinds = [kind for kind in arguments if kind is not type(None)]
        write, read = _converters(kinds[0]) if len(kinds) == 1 else _tagged(tuple(kinds))
        return (lambda value: "null" if value is None else write(value)), _optional(read)
    if origin is tuple:
        return _sequence(arguments)
    if is_dataclass(annotation):
        cls: Any = annotation
        return _record_writer(cls), _record_reader(cls)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        texts = {member: _dump(member.value) for member in annotation}
        return texts.__getitem__, annotation
    simple: dict[Any, tuple[Write, Read]] = {
        str: (quoted, _same),
        bool: (_dump, _same),
        int: (int.__repr__, _same),
        float: (_write_float, float),
        Decimal: (lambda value: f'"{value}"', Decimal),
        date: (lambda value: f'"{value.isoformat()}"', date.fromisoformat),
    }
    if annotation not in simple:
        raise TypeError(f"records with fields of type {annotation} cannot be stored")
    return simple[annotation]


def _same(value: Any) -> Any:
    return value


def _write_float(value: float) -> str:
    # A count of 12 reads is 12.0 whichever reader made it an int: equal records must have equal texts.
    number = float(value)
    return repr(number) if math.isfinite(number) else f'"{number}"'


def _optional(read: Read) -> Read:
    return read if read is _same else lambda value: None if value is None else read(value)


def _sequence(arguments: tuple[Any, ...]) -> tuple[Write, Read]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        write_item, read_item = _converters(arguments[0])
        read = tuple if read_item is _same else lambda items: tuple(map(read_item, items))
        return (lambda items: f"[{','.join(map(write_item, items))}]"), read
    pairs = [_converters(argument) for argument in arguments]
    return (
        lambda items: f"[{','.join(pair[0](item) for pair, item in zip(pairs, items, strict=True))}]",
        lambda items: tuple(pair[1](item) for pair, item in zip(pairs, items, strict=True)),
    )


@cache
def _record_writer(cls: Any, *, tagged: bool = False) -> Write:
    hints = get_type_hints(cls)
    plan = {field.name: (field.name, field.default, _converters(hints[field.name])[0]) for field in fields(cls)}
    if tagged:
        plan["type"] = ("__class__", MISSING, lambda kind: quoted(kind.__name__))
    keys = sorted(plan)
    names, defaults, writers = zip(*(plan[key] for key in keys), strict=True)
    starts = [f'"{key}":' for key in keys]
    # One name more than fields, since of one name alone no tuple is made.
    values_of = attrgetter(*names, "__class__")

    def write_record(record: Any) -> str:
        # A field without default has MISSING, which no value is.
        pairs = [
            start + write(value)
            for start, default, write, value in zip(starts, defaults, writers, values_of(record), strict=False)
            if value is not default and value != default
        ]
        return f"{{{','.join(pairs)}}}"

    return write_record


@cache
def _record_reader(cls: Any) -> Read:
    hints = get_type_hints(cls)
    plan = [(field.name, _converters(hints[field.name])[1]) for field in fields(cls)]
    readers = {name: read for name, read in plan if read is not _same}

    def read_record(data: dict[str, Any]) -> Any:
        for name, read in readers.items():
            if name in data:
                data[name] = read(data[name])
        return cls(**data)

    return read_record


def _tagged(kinds: tuple[Any, ...]) -> tuple[Write, Read]:
    by_name = {kind.__name__: kind for kind in kinds}

    def write(value: Any) -> str:
        kind: Any = type(value)
        return _record_writer(kind, tagged=True)(value)

    return write, lambda data: _record_reader(by_name[data.pop("type")])(data)
