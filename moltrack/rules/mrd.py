"""MRD status per sample and method."""

from __future__ import annotations

from moltrack.model import Axis, PatientRecords, Verdict


def mrd_verdicts(records: PatientRecords, axis: Axis) -> tuple[Verdict, ...]:
    """No MRD rule applies yet."""
    return ()
