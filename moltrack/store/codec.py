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
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Convert = Callable[[Any], Any]

_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def encode(record: Any) -> str:
    """The canonical text of a record of ``moltrack.model``."""
    cls: Any = type(record)
    return _dump(_converters(cls)[0](record))


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
def _converters(annotation: Any) -> tuple[Convert, Convert]:
    """How values of a field's type become JSON values, and back."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        kinds = [kind for kind in arguments if kind is not type(None)]
        inner = _converters(kinds[0]) if len(kinds) == 1 else _tagged(tuple(kinds))
        return _optional(inner[0]), _optional(inner[1])
    if origin is tuple:
        return _sequence(arguments)
    if is_dataclass(annotation):
        return _record(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return (lambda value: value.value), annotation
    if annotation is Decimal:
        return str, Decimal
    if annotation is date:
        return date.isoformat, date.fromisoformat
    if annotation is float:
        return _encode_float, float
    if annotation in {str, int, bool}:
        return _same, _same
    raise TypeError(f"records with fields of type {annotation} cannot be stored")


def _same(value: Any) -> Any:
    return value


def _encode_float(value: float) -> float | str:
    # A count of 12 reads is 12.0 whichever reader made it an int: equal records must have equal texts.
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _optional(convert: Convert) -> Convert:
    return convert if convert is _same else lambda value: None if value is None else convert(value)


def _sequence(arguments: tuple[Any, ...]) -> tuple[Convert, Convert]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        encode_item, decode_item = _converters(arguments[0])
        if encode_item is _same:
            return list, tuple
        return (lambda items: [encode_item(item) for item in items]), (lambda items: tuple(map(decode_item, items)))
    pairs = [_converters(argument) for argument in arguments]
    return (
        lambda items: [pair[0](item) for pair, item in zip(pairs, items, strict=True)],
        lambda items: tuple(pair[1](item) for pair, item in zip(pairs, items, strict=True)),
    )


def _record(cls: Any) -> tuple[Convert, Convert]:
    hints = get_type_hints(cls)
    plan = [(field.name, field.default, *_converters(hints[field.name])) for field in fields(cls)]
    decoders = {name: convert for name, _, _, convert in plan if convert is not _same}
    required = [(name, convert) for name, default, convert, _ in plan if default is MISSING]
    optional = [(name, default, convert) for name, default, convert, _ in plan if default is not MISSING]

    def encode_record(record: Any) -> dict[str, Any]:
        data = {name: convert(getattr(record, name)) for name, convert in required}
        for name, default, convert in optional:
            value = getattr(record, name)
            if value is not default and value != default:
                data[name] = convert(value)
        return data

    def decode_record(data: dict[str, Any]) -> Any:
        for name, convert in decoders.items():
            if name in data:
                data[name] = convert(data[name])
        return cls(**data)

    return encode_record, decode_record


def _tagged(kinds: tuple[Any, ...]) -> tuple[Convert, Convert]:
    converters = {kind.__name__: _converters(kind) for kind in kinds}

    def encode_tagged(record: Any) -> dict[str, Any]:
        name = type(record).__name__
        data: dict[str, Any] = converters[name][0](record)
        data["type"] = name
        return data

    def decode_tagged(data: dict[str, Any]) -> Any:
        return converters[data.pop("type")][1](data)

    return encode_tagged, decode_tagged
