"""What the tables of both guidelines share: their answer, and the readings of a course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moltrack.rules.guidelines import Guideline
from moltrack.rules.mrd.assay import Reading, read_point
from moltrack.rules.mrd.inputs import MrdInputs, MrdPoint


@dataclass(frozen=True, slots=True)
class Found:
    """What a table says. ``category`` None with ``applies`` False: the guideline has no status for this; else not assessable."""

    category: str | None = None
    possible: tuple[str, ...] = ()
    reason: str = ""
    deciding: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    applies: bool = True


def course_of(inputs: MrdInputs, now: Reading, rules: Guideline) -> Sequence[tuple[MrdPoint, Reading]]:
    """The earlier results that can be assessed, and this one, in order of time."""
    earlier = [(point, read_point(point, inputs.target, inputs.method, rules)) for point in inputs.earlier]
    return [*((point, reading) for point, reading in earlier if reading.detected is not None), (inputs.point, now)]
