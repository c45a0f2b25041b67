"""Planned visits: which sample was taken for each, how far from plan, and what could be evaluated of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from moltrack.errors import InputError
from moltrack.model import Axis, EventType, Observation, PlacedSample, Status, Tissue


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned visit: its day from day 0, the window around it in days (both ends included), and what is to be tested.

    ``tissue`` None = any; ``tests`` name markers or techniques, () = nothing is expected by name.
    """

    name: str
    day: float
    before: float = 7
    after: float = 7
    tissue: Tissue | None = None
    tests: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.before < 0 or self.after < 0:
            raise InputError(f"the window of visit '{self.name}' has a negative side.")

    @property
    def first(self) -> float:
        return self.day - self.before

    @property
    def last(self) -> float:
        return self.day + self.after

    def holds(self, sample: PlacedSample) -> bool:
        """Whether the sample surely lies in the window: every day that it can have been taken on."""
        if sample.day_low is None or sample.day_high is None:
            return False
        return self.first <= sample.day_low and sample.day_high <= self.last

    def is_of(self, sample: PlacedSample) -> bool:
        """Whether the sample is of the visit's tissue; an unknown tissue is none in particular."""
        return self.tissue is None or sample.info.tissue is self.tissue

    def outside(self, day: float) -> float:
        """Days between a day and the window; 0 within it."""
        return max(self.first - day, day - self.last, 0)


@dataclass(frozen=True, slots=True)
class VisitMatch:
    """A visit with the sample taken for it; ``deviation`` in days from plan; ``others`` lay in the window as well."""

    visit: Visit
    sample: PlacedSample | None
    deviation: float | None = None
    others: tuple[PlacedSample, ...] = ()

    @property
    def samples(self) -> tuple[PlacedSample, ...]:
        """All samples in the window, the one nearest to plan first."""
        return () if self.sample is None else (self.sample, *self.others)


@dataclass(frozen=True, slots=True)
class OffSchedule:
    """A sample that no window holds: the nearest visit and how far from its plan; ``reason`` says of the sample why."""

    sample: PlacedSample
    nearest: Visit | None = None
    deviation: float | None = None
    reason: str = ""


def map_visits(axis: Axis, visits: Sequence[Visit]) -> tuple[tuple[VisitMatch, ...], tuple[OffSchedule, ...]]:
    """Samples assigned to visits, and those that belong to none.

    A sample goes to the visit of its tissue whose planned day is nearest among the windows that hold it; of several samples
    the one nearest to plan is taken, the earlier of two equally near. A sample without a day, or known only to a month that
    no window holds whole, cannot be assigned.
    """
    taken: dict[int, list[PlacedSample]] = {index: [] for index in range(len(visits))}
    off: list[OffSchedule] = []
    for placed in axis.samples:
        fitting = [index for index, visit in enumerate(visits) if visit.is_of(placed)]
        holding = [index for index in fitting if visits[index].holds(placed)]
        if holding and placed.day is not None:
            taken[_nearest(visits, holding, placed.day)].append(placed)
        else:
            off.append(_off_schedule(placed, visits, fitting))
    matches = []
    for index, visit in enumerate(visits):
        near = sorted(taken[index], key=lambda p: (abs((p.day or 0) - visit.day), p.day or 0, p.info.sample))
        if near:
            matches.append(VisitMatch(visit, near[0], (near[0].day or 0) - visit.day, tuple(near[1:])))
        else:
            matches.append(VisitMatch(visit, None))
    return tuple(matches), tuple(off)


def _off_schedule(placed: PlacedSample, visits: Sequence[Visit], fitting: Sequence[int]) -> OffSchedule:
    if placed.day is None:
        return OffSchedule(placed, reason="cannot be placed in days")
    if not fitting:
        return OffSchedule(placed, reason=f"is of {placed.info.tissue}, for which no visit is planned")
    visit = visits[_nearest(visits, fitting, placed.day)]
    away = visit.outside(placed.day)
    reason = f"lies {away:g} days outside the window of {visit.name}"
    if not away:
        reason = f"is known only as {placed.info.time}, which the window of {visit.name} does not hold whole"
    return OffSchedule(placed, visit, placed.day - visit.day, reason)


def _nearest(visits: Sequence[Visit], indices: Sequence[int], day: float) -> int:
    return min(indices, key=lambda index: (abs(visits[index].day - day), visits[index].day, index))


#: What a test at a visit came to, from the best to the worst: the table that says how much of a trial is missing.
STATES = {
    "evaluable": "detected, or not detected by a run that could have seen it",
    "not evaluable": "tested, but the run could not tell",
    "not tested": "a sample was taken for the visit, this was not tested",
    "missing": "no sample in the window",
    "not due": "the window was still open at the data lock",
}


@dataclass(frozen=True, slots=True)
class Evaluability:
    """What became of a test at a visit; ``state`` is a key of :data:`STATES`."""

    visit: str
    test: str
    state: str
    reason: str = ""


def evaluability(
    match: VisitMatch,
    test: str,
    observations: Collection[Observation],
    axis: Axis,
    *,
    lock: float | None = None,
) -> Evaluability:
    """What became of one test at one visit.

    Parameters
    ----------
    observations
        Those of the patient that answer the test, of any sample.
    lock
        Day of the data lock: a window that ends later is not missed yet.
    """
    visit = match.visit
    if match.sample is None:
        is_open = lock is not None and visit.last > lock
        return Evaluability(visit.name, test, "not due" if is_open else "missing", why_missing(visit, axis, is_open))
    results = [(placed, item) for placed in match.samples for item in observations if item.sample == placed.info.sample]
    if not results:
        return Evaluability(visit.name, test, "not tested", f"sample {match.sample.info.sample} has no result of it")
    usable = [(placed, item) for placed, item in results if item.status is not Status.NOT_EVALUABLE]
    if not usable:
        placed = results[0][0]
        return Evaluability(visit.name, test, "not evaluable", f"sample {placed.info.sample} could not be evaluated")
    placed = usable[0][0]
    reason = "" if placed is match.sample else f"in sample {placed.info.sample}"
    return Evaluability(visit.name, test, "evaluable", reason)


def why_missing(visit: Visit, axis: Axis, is_open: bool = False) -> str:
    """Why a visit has no sample, as far as the records say."""
    if is_open:
        return "the window ends after the data lock"
    if not any(placed.day is not None for placed in axis.samples):
        return "no sample can be placed in days"
    deaths = [e.day for e in axis.events if e.event.type is EventType.DEATH and e.day is not None]
    if deaths and min(deaths) <= visit.last:
        return f"death on day {min(deaths):g}"
    days = [*(placed.day for placed in axis.samples), *(placed.day for placed in axis.events)]
    known = [day for day in days if day is not None]
    if known and max(known) < visit.first:
        return f"nothing is known after day {max(known):g}"
    return "no sample in the window"
