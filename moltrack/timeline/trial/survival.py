"""Kaplan-Meier tables by group."""

from __future__ import annotations

from collections.abc import Sequence

from moltrack.analysis.trial import DEFINITIONS, Definition, Outcome, from_landmark, is_negative, kaplan_meier
from moltrack.timeline.patient import Timeline
from moltrack.timeline.trial.outcomes import mrd_assessments, outcomes
from moltrack.timeline.trial.subjects import Subject, TrialTable

SURVIVAL_COLUMNS: dict[str, str] = {
    "endpoint": "rfs, os or relapse",
    "group": "group of patients",
    "day": "days from the origin of the endpoint, or from the landmark",
    "at_risk": "patients at risk just before this day",
    "events": "events on this day",
    "censored": "censored on this day",
    "survival": "Kaplan-Meier estimate from this day on",
    "low": "95 % interval (Greenwood, log(-log) scale)",
    "high": "95 % interval",
}

METHOD = Definition(
    "kaplan_meier",
    "Kaplan-Meier estimate",
    "product over days with events of (1 - events / at risk); interval by Greenwood's variance on the log(-log) scale",
    "Kaplan, J Am Stat Assoc 1958;53:457; Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data",
)
LANDMARK = Definition(
    "landmark",
    "Landmark",
    "groups are those of the landmark day, time counts from it; who had the event, was censored or had not begun by then is left out",
    "Anderson, J Clin Oncol 1983;1:710",
)
BIAS = (
    "The MRD status is that of the last sample: who lives longer is sampled more often, so the groups depend on the outcome (immortal time "
    "bias). Use --landmark DAY."
)


def survival_table(
    found: Sequence[Subject], endpoint: str = "rfs", *, by: str = "", landmark: float | None = None
) -> TrialTable:
    """Kaplan-Meier steps by group.

    Parameters
    ----------
    by
        ``mrd``: the last MRD status, or that at the landmark; ``risk``: ELN 2022 at diagnosis; "" = all patients together.
    landmark
        Day from day 0 on which the MRD status is fixed and time begins.
    """
    groups: dict[str, list[Outcome]] = {}
    notes = [BIAS] if by == "mrd" and landmark is None else []
    for subject in found:
        outcome, group = _grouped(subject, endpoint, by, landmark)
        if outcome.days is None or not group:
            why = (
                outcome.reason
                if outcome.days is None
                else "no MRD status" + (" by the landmark" if landmark is not None else "")
            )
            notes.append(f"{subject.patient} is left out: {why}")
        else:
            groups.setdefault(group, []).append(outcome)
    rows = tuple(
        {
            "endpoint": endpoint,
            "group": group,
            "day": step.day,
            "at_risk": step.at_risk,
            "events": step.events,
            "censored": step.censored,
            "survival": step.survival,
            "low": step.low,
            "high": step.high,
        }
        for group, own in sorted(groups.items())
        for step in kaplan_meier(own)
    )
    definitions = (DEFINITIONS[endpoint], METHOD, *([LANDMARK] if landmark is not None else []))
    return TrialTable("survival", SURVIVAL_COLUMNS, rows, definitions, tuple(notes))


def _grouped(subject: Subject, endpoint: str, by: str, landmark: float | None) -> tuple[Outcome, str]:
    line = subject.line
    if subject.problem:
        return Outcome(subject.patient, endpoint, None, False, "", subject.problem), ""
    outcome = outcomes(line)[endpoint]
    if landmark is not None:
        outcome = from_landmark(outcome, landmark)
    if by == "risk":
        return outcome, line.risk("eln2022").category or "not assessable"
    return outcome, mrd_group(line, landmark) if by == "mrd" else "all"


def mrd_group(line: Timeline, until: float | None = None) -> str:
    """``MRD negative`` or ``MRD positive`` by the last sample with a status (up to a day); "" without one."""
    known = [a for a in mrd_assessments(line) if until is None or (a.day is not None and a.day <= until)]
    last = [item for item in known if item.order == max(other.order for other in known)]
    if not last:
        return ""
    return "MRD negative" if all(is_negative(item) for item in last) else "MRD positive"
