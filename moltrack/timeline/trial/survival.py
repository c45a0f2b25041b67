"""Kaplan-Meier tables by group, with the log-rank test between groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moltrack.analysis.trial import (
    DEFINITIONS,
    Definition,
    LogRank,
    Outcome,
    from_landmark,
    is_negative,
    kaplan_meier,
    log_rank,
)
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
LOG_RANK = Definition(
    "log_rank",
    "Log-rank test",
    "observed against expected events over the days with events, chi-squared with one degree of freedom fewer than groups. Assumes that groups "
    "are fixed before time counts and that censoring tells nothing of the outcome; has most power where hazards are proportional, little "
    "where curves cross; the p value is not adjusted for other factors or for several tests",
    "Mantel, Cancer Chemother Rep 1966;50:163; Peto, J R Stat Soc A 1972;135:185",
)
#: What stands beside a survival table, where it is used.
SURVIVAL_DEFINITIONS = (METHOD, LANDMARK, LOG_RANK)
#: Expected events of a group below which chi-squared is a rough approximation [convention, as for tables of counts].
FEW_EXPECTED = 5
#: Patients that a guideline puts into no group are not compared with its groups.
NO_GROUP = "not assessable"
BIAS = (
    "The MRD status is that of the last sample: who lives longer is sampled more often, so the groups depend on the outcome (immortal time "
    "bias). Use --landmark DAY."
)


def survival_table(
    found: Sequence[Subject], endpoint: str = "rfs", *, by: str = "", landmark: float | None = None
) -> TrialTable:
    """Kaplan-Meier steps by group, and the log-rank test between groups that were fixed before time counts.

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
    test = None
    if by == "mrd" and landmark is None:
        notes.append("No log-rank test: the groups are not fixed before time counts. Use --landmark DAY.")
    elif by:
        test, remarks = _compared(groups)
        notes += remarks
    definitions = [DEFINITIONS[endpoint], METHOD]
    definitions += [LANDMARK] if landmark is not None else []
    definitions += [LOG_RANK] if test is not None else []
    return TrialTable("survival", SURVIVAL_COLUMNS, rows, tuple(definitions), tuple(notes), test)


def _compared(groups: Mapping[str, Sequence[Outcome]]) -> tuple[LogRank | None, list[str]]:
    """The test between the groups, and what to mind of it."""
    compared = {name: groups[name] for name in sorted(groups) if name != NO_GROUP}
    test = log_rank(compared)
    if test is None:
        why = (
            "there are fewer than two groups"
            if len(compared) < 2
            else "no two groups were at risk when an event happened"
        )
        return None, [f"No log-rank test: {why}."]
    remarks = []
    if NO_GROUP in groups:
        remarks.append(f"The log-rank test leaves out who is {NO_GROUP} ({len(groups[NO_GROUP])}).")
    over = [name for name in compared if name not in {group.name for group in test.groups}]
    if over:
        remarks.append(f"The log-rank test leaves out {', '.join(over)}: nobody was at risk when an event happened.")
    few = [group.name for group in test.groups if group.expected < FEW_EXPECTED]
    if few:
        remarks.append(
            f"Log-rank test: fewer than {FEW_EXPECTED} events are expected in {', '.join(few)}; the p value is rough."
        )
    return test, remarks


def _grouped(subject: Subject, endpoint: str, by: str, landmark: float | None) -> tuple[Outcome, str]:
    line = subject.line
    if subject.problem:
        return Outcome(subject.patient, endpoint, None, False, "", subject.problem), ""
    outcome = outcomes(line)[endpoint]
    if landmark is not None:
        outcome = from_landmark(outcome, landmark)
    if by == "risk":
        return outcome, line.risk("eln2022").category or NO_GROUP
    return outcome, mrd_group(line, landmark) if by == "mrd" else "all"


def mrd_group(line: Timeline, until: float | None = None) -> str:
    """``MRD negative`` or ``MRD positive`` by the last sample with a status (up to a day); "" without one."""
    known = [a for a in mrd_assessments(line) if until is None or (a.day is not None and a.day <= until)]
    last = [item for item in known if item.order == max(other.order for other in known)]
    if not last:
        return ""
    return "MRD negative" if all(is_negative(item) for item in last) else "MRD positive"
