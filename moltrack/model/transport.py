"""Records on their way between processes.

A frozen dataclass with slots is pickled field by field in Python, which for a file with thousands of calls takes a good part of the time
of reading it. Here a record travels as its class and its values.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from functools import partial
from operator import attrgetter
from typing import Any


def travel_light(classes: Iterable[object]) -> None:
    """Let instances of these classes, as far as they are dataclasses made from all their fields, be pickled as class and values."""
    for cls in classes:
        if isinstance(cls, type) and is_dataclass(cls) and all(field.init for field in fields(cls)):
            names = [field.name for field in fields(cls)]
            if len(names) > 1:
                copyreg.pickle(cls, partial(_reduced, cls, attrgetter(*names)))


def _reduced(cls: type, values: Callable[[Any], tuple[Any, ...]], record: object) -> tuple[type, tuple[Any, ...]]:
    return cls, values(record)
