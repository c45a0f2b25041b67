"""What several calls of one marker in one run say together of how good their result is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from moltrack.model import Adequacy, Call

T = TypeVar("T")


def pooled_adequacy(calls: Iterable[Call]) -> Adequacy:
    """The cycles of all replicates, lowest first; what replicates disagree on, or only some state, is not known."""
    found = [call.adequacy for call in calls]
    if len(found) == 1:
        return found[0]
    return Adequacy(
        cycles=tuple(sorted((cycle for item in found for cycle in item.cycles), key=_last_if_none)),
        first_pull=_agreed(item.first_pull for item in found),
        age_days=_agreed(item.age_days for item in found),
        compartment_cells=_agreed(item.compartment_cells for item in found),
    )


def _last_if_none(cycle: float | None) -> float:
    return float("inf") if cycle is None else cycle


def _agreed(values: Iterable[T | None]) -> T | None:
    different = set(values)
    return different.pop() if len(different) == 1 else None
