"""One form for the numbers of records."""

from __future__ import annotations

from collections.abc import Iterable


def make_floats(record: object, values: Iterable[tuple[str, object]]) -> None:
    """Turn whole numbers of a new record into floats where its fields are floats: equal records then also print alike.

    ``values`` are the names and values of these fields. A number too large for a float stays; whoever reads it from a file
    refuses it.
    """
    for name, value in values:
        if isinstance(value, int):
            try:
                object.__setattr__(record, name, float(value))  # the record is frozen, but not yet given away
            except OverflowError:
                continue
