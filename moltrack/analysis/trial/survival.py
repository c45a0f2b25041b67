"""Kaplan-Meier curves, and the landmark that fixes groups before time is counted."""

from __future__ import annotations

from collections.abc import Iterable
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
