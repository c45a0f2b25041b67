"""MRD relapse: conversion from negative to positive, or a rise by 1 log10 between two positive samples of one tissue; and its confirmation.

**Source**: Heuser, Blood 2021;138:2753; Cloos, Blood 2026;147:1147.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from moltrack.model import Tissue

#: A rise from 0.03 % to 0.3 % is a rise by 1 log10.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Step:
    """One result in the course of a target. ``negative`` and ``positive`` as the guideline counts them for relapse; both False in between.

    ``may_rise``: a level from which a rise by 1 log10 is a relapse (2021: at low level).
    """

    tissue: Tissue
    day: float | None
    negative: bool
    positive: bool
    level: float | None
    may_rise: bool = True


@dataclass(frozen=True, slots=True)
class Relapse:
    """What the course says of its last step. ``kind`` is conversion, rise or ""; ``open_reason`` why neither can be judged."""

    kind: str = ""
    words: str = ""
    open_reason: str = ""
    confirmed: bool = False
    flags: tuple[str, ...] = ()


def relapse(steps: Sequence[Step], *, log10: float, confirmation_days: float) -> Relapse:
    """Whether the last step is an MRD relapse, and whether an earlier one within the time allowed confirms it."""
    found = criterion(steps, log10)
    run = [steps[-1]]
    for index in range(len(steps) - 1, 0, -1):
        if not criterion(steps[:index], log10).kind:
            break
        run.insert(0, steps[index - 1])
    if not found.kind:
        unconfirmed = (
            len(steps) > 1
            and criterion(steps[:-1], log10).kind
            and not relapse(steps[:-1], log10=log10, confirmation_days=confirmation_days).confirmed
        )
        return Relapse(open_reason=found.open_reason, flags=("relapse_not_confirmed",) if unconfirmed else ())
    gaps = [
        later.day - earlier.day if later.day is not None and earlier.day is not None else None
        for earlier, later in itertools.pairwise(run)
    ]
    confirmed = any(gap is not None and gap <= confirmation_days for gap in gaps)
    flags: tuple[str, ...] = ()
    if gaps and not confirmed:
        flags = ("criterion_met_twice", "confirmation_interval_unknown" if None in gaps else "late_confirmation")
    return Relapse(found.kind, found.words, confirmed=confirmed, flags=flags)


def criterion(steps: Sequence[Step], log10: float) -> Relapse:
    """Whether the last step meets a criterion against those before it in the same tissue."""
    now, before = steps[-1], steps[:-1]
    if not now.positive:
        return Relapse()
    same = [step for step in before if step.tissue is now.tissue]
    if any(step.negative for step in same):
        return Relapse("conversion", "converted from negative to positive")
    levels = [step.level for step in same if step.level is not None and step.may_rise and not step.negative]
    if levels and now.level is not None:
        nadir = min(levels)
        rise = math.log10(now.level / nadir)
        elsewhere = [
            step.level
            for step in before
            if step.level is not None and step.tissue is not now.tissue and not step.negative
        ]
        if rise >= log10 - TOLERANCE:
            return Relapse("rise", f"rose by {rise:.2f} log10 from {nadir * 100:.3g} %")
        if elsewhere and min(elsewhere) < nadir:
            return Relapse(open_reason="the nadir is of another tissue")
        return Relapse(open_reason=f"rose by {rise:.2f} log10, less than {log10:g}")
    if before and not same:
        return Relapse(open_reason="the earlier samples are of another tissue")
    return Relapse(open_reason="there is no earlier level of this tissue to compare with")
