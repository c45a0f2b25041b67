"""The response at every marrow of a patient, computed beside what was recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from moltrack.model import Axis, PatientRecords, Verdict
from moltrack.rules.guidelines import load_guideline
from moltrack.rules.response.course import Course

#: Age below which guidelines for adults are applied to a minor.
ADULT = 18


def response_verdicts(
    records: PatientRecords, axis: Axis, *, window_days: int = 7, guideline: str | Path = "eln2022"
) -> tuple[Verdict, ...]:
    """One verdict per sample with marrow blasts after the first treatment, in the order of samples.

    Parameters
    ----------
    window_days
        Counts, circulating blasts and words on extramedullary disease of other samples within so many days belong to the same assessment.

    Notes
    -----
    Neutrophils and platelets are read in 10^9/L or per µL from the printed unit; a count without a known unit stays unknown. Responses as
    recorded stand in ``guideline_note`` and replace nothing.
    """
    rules = load_guideline("response", guideline)
    course = Course(records, axis, rules, window_days)
    made = []
    for assessment in course.assessments:
        verdict = assessment.verdict
        notes = [f"Values within {window_days} days of the sample count as one assessment."]
        if verdict.category in {None, "no response"} and not assessment.inputs.landmark:
            notes.append("Whether the response landmark is reached is not recorded: no sample is called refractory.")
        notes.append(course.recorded_beside(assessment.placed))
        if records.patient.age is not None and records.patient.age < ADULT:
            verdict = replace(verdict, flags=(*verdict.flags, "minor"))
        made.append(replace(verdict, guideline_note=" ".join(note for note in notes if note)))
    return tuple(made)
