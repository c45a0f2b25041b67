"""Response from blasts and counts."""

from __future__ import annotations

from moltrack.model import Axis, PatientRecords, Verdict


def response_verdicts(records: PatientRecords, axis: Axis) -> tuple[Verdict, ...]:
    """No response rule applies yet."""
    return ()
