"""Kaplan-Meier curves, the log-rank test between groups, and the landmark that fixes groups before time is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from moltrack.analysis.trial.endpoints import Outcome


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a Kaplan-Meier curve: survival from ``day`` on, its 95 % interval, who is at risk just before it, what happened."""

    day: float
    survival: float
    low: float
    high: float
    at_risk: int
    events: int = 0
    censored: int = 0


def kaplan_meier(outcomes: Iterable[Outcome]) -> tuple[Step, ...]:
    """Kaplan-Meier estimate with Greenwood's interval on the log(-log) scale, by lifelines; a step per day on which anything happened.

    Outcomes that are not assessable are left out.
    """
    from lifelines import KaplanMeierFitter

    known = [outcome for outcome in outcomes if outcome.days is not None]
    if not known:
        return ()
    fit = KaplanMeierFitter().fit([o.days for o in known], [o.observed for o in known])
    table = fit.event_table
    frame = fit.survival_function_.iloc[:, 0]
    bounds = fit.confidence_interval_
    return tuple(
        Step(
            float(day),
            float(frame[day]),
            float(bounds.iloc[i, 0]),
            float(bounds.iloc[i, 1]),
            int(table["at_risk"][day]),
            int(table["observed"][day]),
            int(table["censored"][day]),
        )
        for i, day in enumerate(frame.index)
    )


@dataclass(frozen=True, slots=True)
class ComparedGroup:
    """A group of a log-rank test: patients at risk at the start and just before the last event of any group, events, events expected."""

    name: str
    patients: int
    at_risk_last: int
    events: int
    expected: float


@dataclass(frozen=True, slots=True)
class LogRank:
    """A log-rank test: ``statistic`` is chi-squared with ``df`` degrees of freedom; ``last_event`` the last day with an event."""

    groups: tuple[ComparedGroup, ...]
    statistic: float
    df: int
    p: float
    last_event: float


def log_rank(groups: Mapping[str, Sequence[Outcome]]) -> LogRank | None:
    """Log-rank test that groups have the same survival, by lifelines; None when fewer than two were at risk on days with events.

    Expected events of a group: on every day with events its share of those at risk, times the events of all. Outcomes that are not
    assessable are left out, and groups of which nobody was at risk when an event happened. Source: Mantel, Cancer Chemother Rep 1966;50:163; Peto, J R Stat Soc A 1972;135:185.
    """
    from lifelines.statistics import multivariate_logrank_test

    times = {name: [(o.days, o.observed) for o in own if o.days is not None] for name, own in groups.items()}
    everyone = [(name, day, observed) for name, own in times.items() for day, observed in own]
    event_days = sorted(day for _, day, observed in everyone if observed)
    times = {name: own for name, own in times.items() if event_days and any(day >= event_days[0] for day, _ in own)}
    if len(times) < 2:
        return None
    at_risk = {day: sum(other >= day for _, other, _ in everyone) for day in set(event_days)}
    compared = tuple(
        ComparedGroup(
            name,
            len(own),
            sum(day >= event_days[-1] for day, _ in own),
            sum(observed for _, observed in own),
            sum(sum(other >= day for other, _ in own) / at_risk[day] for day in event_days),
        )
        for name, own in times.items()
    )
    names, days, seen = zip(*(item for item in everyone if item[0] in times), strict=True)
    found = multivariate_logrank_test(days, names, seen)
    return LogRank(compared, float(found.test_statistic), len(compared) - 1, float(found.p_value), event_days[-1])


def from_landmark(outcome: Outcome, landmark: float) -> Outcome:
    """The outcome counted from a day of the axis; not assessable when it ended by then, or had not begun.

    Source: Anderson, J Clin Oncol 1983;1:710: who had the event before the landmark is left out, so that groups are known when time
    begins to count.
    """
    if outcome.days is None or outcome.day is None or outcome.start is None:
        return outcome
    if outcome.start > landmark:
        return replace(outcome, days=None, reason=f"begins after the landmark, on day {outcome.start:g}")
    if outcome.day <= landmark:
        what = "event" if outcome.observed else "censored"
        return replace(outcome, days=None, reason=f"{what} on day {outcome.day:g}, not after the landmark")
    return replace(outcome, days=outcome.day - landmark, start=landmark, origin=f"day {landmark:g}", after=None)
