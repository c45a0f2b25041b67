"""The risk verdict of a patient: which samples are judged, and what is said when they are not of diagnosis."""

from __future__ import annotations

from dataclasses import replace

from moltrack.errors import UnknownError
from moltrack.model import Axis, PatientRecords, PhaseKind, Verdict
from moltrack.rules.facts import diagnosis_samples, inputs_of, therapies_of
from moltrack.rules.judging import evaluate
from moltrack.rules.ruleset import RuleSet


def risk_verdict(ruleset: RuleSet, records: PatientRecords, axis: Axis, *, at: str = "") -> Verdict:
    """A guideline's verdict from the diagnosis samples, or from sample ``at``.

    Raises
    ------
    UnknownError
        The patient has no sample ``at``.
    """
    samples: tuple[str, ...]
    if at:
        placed = next((sample for sample in axis.samples if sample.info.sample == at), None)
        if placed is None:
            names = ", ".join(sample.info.sample for sample in axis.samples)
            raise UnknownError(f"patient {records.patient.patient} has no sample '{at}' ({names}).")
        samples, note = (at,), ""
        if placed.info.phase is None or placed.info.phase.kind is not PhaseKind.DIAGNOSIS:
            phase = str(placed.info.phase or "unknown phase")
            note = f"The guideline was made for diagnosis, not for a sample of {phase}."
    else:
        samples, note = diagnosis_samples(records, axis)
    verdict = evaluate(ruleset, inputs_of(records, samples, therapies_of(axis, samples)), sample=", ".join(samples))
    notes = " ".join(part for part in (note, verdict.guideline_note) if part)
    return replace(verdict, guideline_note=notes)
