"""The response at every marrow of a patient, computed beside what was recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from moltrack.model import Axis, PatientRecords, PlacedSample, Verdict
from moltrack.rules.response.course import WINDOW_DAYS, Course, event_words
from moltrack.rules.response.criteria import is_remission, response_status
from moltrack.rules.ruleset import RuleSet, load_ruleset

#: Age below which guidelines for adults are applied to a minor.
ADULT = 18


def response_verdicts(
    records: PatientRecords,
    axis: Axis,
    *,
    window_days: int = WINDOW_DAYS,
    guideline: str | Path | RuleSet = "eln2022",
    mrd: str | Path | RuleSet = "eln2021",
) -> tuple[Verdict, ...]:
    """One verdict per sample with marrow blasts after the first treatment, in the order of samples.

    Parameters
    ----------
    window_days
        Counts, circulating blasts and words on extramedullary disease of other samples within so many days belong to the same assessment.
    mrd
        The guideline for MRD, which tells remissions with and without MRD apart.

    Notes
    -----
    Neutrophils and platelets are read in 10^9/L or per µL from the printed unit; a count without a known unit stays unknown. Responses as
    recorded stand in ``guideline_note`` and replace nothing.
    """
    rules = guideline if isinstance(guideline, RuleSet) else load_ruleset(guideline, "response")
    course = Course(records, axis, rules, window_days)
    made = []
    for assessment in course.assessments:
        verdict = assessment.verdict
        if is_remission(verdict.category):
            status, text = _mrd(course, assessment.placed, mrd)
            verdict = response_status(
                replace(assessment.inputs, mrd=status, mrd_text=text), rules, sample=verdict.sample
            )
        notes = [f"Values within {window_days} days of the sample count as one assessment."]
        if verdict.category in {None, "no response"} and not assessment.inputs.landmark:
            notes.append("Whether the response landmark is reached is not recorded: no sample is called refractory.")
        notes += [course.recorded_beside(assessment.placed), verdict.guideline_note]
        if records.patient.age is not None and records.patient.age < ADULT:
            verdict = replace(verdict, flags=(*verdict.flags, "minor"))
        made.append(replace(verdict, guideline_note=" ".join(note for note in notes if note)))
    return tuple(made)


def recorded_responses(records: PatientRecords, axis: Axis, *, window_days: int = WINDOW_DAYS) -> dict[str, str]:
    """Responses and relapses as recorded at each sample that has any, in words."""
    course = Course(records, axis, load_ruleset("eln2022", "response"), window_days)
    found = {placed.info.sample: course.recorded_at(placed) for placed in axis.samples}
    return {
        sample: "; ".join(dict.fromkeys(event_words(event.event) for event in events))
        for sample, events in found.items()
        if events
    }


#: MRD statuses from the one that weighs most.
WEIGHT = ("positive", "low_level", "below_threshold", "negative")


def _mrd(course: Course, placed: PlacedSample, guideline: str | Path | RuleSet) -> tuple[str, str]:
    """The weightiest MRD status of an assessment over its samples and methods, and all in words; "" when none could be given."""
    # MRD presupposes remission and asks this package for it.
    from moltrack.rules.mrd.patient import statuses_of

    near = [other for other in course.axis.samples if course.distance(other, placed) <= course.window_days]
    found = [item for other in near for item in statuses_of(course, other.info.sample, guideline) if item.status]
    text = "; ".join(item.verdict.reason for item in found)
    names = {"positive" if item.status.startswith("MRD relapse") else item.status for item in found}
    return next((status for status in WEIGHT if status in names), ""), text
