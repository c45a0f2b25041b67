"""Findings about a patient that are no category."""

from __future__ import annotations

from moltrack.model import Axis, Flag, PatientRecords


def flags_of(records: PatientRecords, axis: Axis) -> tuple[Flag, ...]:
    """No flag applies yet."""
    return ()
