"""What a flag rule is tried on: the patient, each sample, each marker, each observation, each series.

A subject holds what the predicates of its scope may read. An observation is also of a marker and of a sample, a series also of a marker:
predicates of the wider scope can be asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from moltrack.model import (
    Appearance,
    Axis,
    Course,
    EventType,
    Evolution,
    Marker,
    Observation,
    PatientRecords,
    PhaseKind,
    PlacedEvent,
    PlacedSample,
    Status,
    Truth,
    Verdict,
)
from moltrack.resources import Drug, drug_named

#: A marker with one of its results: what flags rest on.
Pair = tuple[Marker, Observation]

#: A transplant of the patient's own cells.
_AUTOLOGOUS = re.compile(r"\bauto", re.IGNORECASE)

#: Phases before treatment, and the return of the disease: no follow-up.
NO_FOLLOW_UP = frozenset({PhaseKind.DIAGNOSIS, PhaseKind.PRE_TREATMENT, PhaseKind.RELAPSE})


@dataclass(frozen=True)
class Patient:
    """The records, what analysis and guidelines made of them, and the look-ups that predicates share.

    ``evolution`` holds facts of ``moltrack.analysis``, ``mrd`` the MRD verdicts; without them the rules that read them keep quiet.
    """

    records: PatientRecords
    axis: Axis
    evolution: Evolution = Evolution()
    mrd: Sequence[Verdict] = ()

    @cached_property
    def known_subjects(self) -> dict[tuple[str, bool], Sequence[Subject]]:
        """What rules have been tried on, by scope."""
        return {}

    @cached_property
    def markers(self) -> dict[str, Marker]:
        return {marker.id: marker for marker in self.records.markers}

    @cached_property
    def placed(self) -> dict[str, PlacedSample]:
        return {placed.info.sample: placed for placed in self.axis.samples}

    def order(self, sample: str) -> int:
        """The place of a sample among the samples, from 1; 0 for one that is not on the axis."""
        placed = self.placed.get(sample)
        return placed.order if placed is not None else 0

    @cached_property
    def everything(self) -> list[Pair]:
        """All observations with their markers, in the order of samples; a repeated one once."""
        found = [(self.markers[item.marker], item) for item in dict.fromkeys(self.records.observations)]

        def place(pair: Pair) -> tuple[int, str, str, str]:
            return self.order(pair[1].sample), pair[0].id, pair[1].sample, pair[1].assay

        # The text of a whole record is long: only what stands in one place is ordered by it.
        groups = [list(group) for _, group in groupby(sorted(found, key=place), key=place)]
        return [
            pair
            for group in groups
            for pair in (group if len(group) == 1 else sorted(group, key=lambda pair: repr(pair[1])))
        ]

    @cached_property
    def by_marker(self) -> dict[str, list[Pair]]:
        """Every result of each marker, in the order of samples; markers in the order in which they were first looked for."""
        found: dict[str, list[Pair]] = {}
        for pair in self.everything:
            found.setdefault(pair[0].id, []).append(pair)
        return found

    @cached_property
    def by_sample(self) -> dict[str, list[Pair]]:
        """The results of each sample on markers that are followed."""
        found: dict[str, list[Pair]] = {}
        for pair in self.everything:
            if pair[0].tracked:
                found.setdefault(pair[1].sample, []).append(pair)
        return found

    @cached_property
    def appearance(self) -> Mapping[str, Appearance]:
        return {found.marker: found for found in self.evolution.appearances}

    @cached_property
    def courses(self) -> dict[str, list[Course]]:
        """How the series of each marker went."""
        found: dict[str, list[Course]] = {}
        for one in self.evolution.courses:
            found.setdefault(one.series.marker, []).append(one)
        return found

    @cached_property
    def verdicts(self) -> dict[str, list[Verdict]]:
        """The MRD verdicts of each sample."""
        found: dict[str, list[Verdict]] = {}
        for verdict in self.mrd:
            found.setdefault(verdict.sample, []).append(verdict)
        return found

    @property
    def words(self) -> dict[str, str]:
        """What every template of a rule of this scope may use; so in each scope."""
        return {}

    @property
    def key(self) -> Hashable:
        """What tells subjects of one scope apart."""
        return ()

    def events(self, *kinds: EventType) -> list[PlacedEvent]:
        """Events of these types that took place."""
        return [placed for placed in self.axis.events if placed.event.type in kinds and not placed.event.planned]

    @cached_property
    def drugs(self) -> list[tuple[Drug, float, str]]:
        """Every drug that was given, with its earliest place among the samples and the name it was recorded by then."""
        begun: dict[Drug, tuple[float, str]] = {}
        for placed in sorted(self.events(*EventType), key=lambda placed: placed.order):
            for name in placed.event.drugs or (placed.event.name,):
                drug = drug_named(name)
                if drug is not None:
                    begun.setdefault(drug, (placed.order, name))
        return [(drug, order, name) for drug, (order, name) in begun.items()]

    @cached_property
    def transplanted_from(self) -> float | None:
        """The place among the samples from which cells may be of a donor; None without an allogeneic transplant."""
        found = [event.order for event in self.events(EventType.TRANSPLANT) if not _AUTOLOGOUS.search(event.event.name)]
        found += [
            placed.order - 0.5
            for placed in self.axis.samples
            if placed.info.phase is not None and placed.info.phase.kind is PhaseKind.POST_HCT
        ]
        return min(found, default=None)

    def is_after_transplant(self, sample: str) -> bool:
        return self.transplanted_from is not None and self.order(sample) > self.transplanted_from

    def is_in_remission(self, sample: str) -> bool:
        """True where the guideline for MRD applies: it presupposes morphologic remission."""
        return any(verdict.applicable for verdict in self.verdicts.get(sample, ()))

    def is_follow_up(self, sample: str) -> Truth:
        """Whether a sample was taken after treatment began and before the disease came back, by its phase or the recorded treatments."""
        placed = self.placed[sample]
        if placed.info.phase is not None and placed.info.phase.kind is not PhaseKind.OTHER:
            return Truth.NO if placed.info.phase.kind in NO_FOLLOW_UP else Truth.YES
        begun = self.events(EventType.TREATMENT, EventType.INFUSION, EventType.TRANSPLANT)
        if not begun:
            return Truth.UNKNOWN
        return Truth.YES if min(event.order for event in begun) < placed.order else Truth.NO


@dataclass(frozen=True)
class OfSample:
    """One sample of a patient."""

    patient: Patient
    sample: str

    @property
    def found(self) -> list[Pair]:
        return self.patient.by_sample.get(self.sample, [])

    @property
    def words(self) -> dict[str, str]:
        return {"sample": self.sample}

    @property
    def key(self) -> Hashable:
        return self.sample


@dataclass(frozen=True)
class OfMarker:
    """One marker of a patient."""

    patient: Patient
    marker: Marker

    @property
    def results(self) -> list[Pair]:
        """Every result, in the order of samples."""
        return self.patient.by_marker.get(self.marker.id, [])

    @cached_property
    def seen(self) -> list[Pair]:
        """Its detections, in the order of samples."""
        return [pair for pair in self.results if pair[1].status is Status.DETECTED]

    @property
    def words(self) -> dict[str, str]:
        return _names(self.marker)

    @property
    def key(self) -> Hashable:
        return self.marker.id


@dataclass(frozen=True)
class OfObservation(OfMarker, OfSample):
    """One result: a marker in one run of one sample."""

    item: Observation

    @property
    def pair(self) -> Pair:
        return self.marker, self.item

    @property
    def words(self) -> dict[str, str]:
        item = self.item
        own = {"assay": item.assay, "technique": str(item.technique), "text": item.text, "formula": item.formula}
        return _names(self.marker) | {"sample": self.sample} | own

    @property
    def key(self) -> Hashable:
        return self.item


@dataclass(frozen=True)
class OfSeries(OfMarker):
    """One series: a marker by one quantity, assay and tissue."""

    course: Course

    @property
    def words(self) -> dict[str, str]:
        return _names(self.marker) | {"series": self.course.series.name}

    @property
    def key(self) -> Hashable:
        return self.course.series


def _names(marker: Marker) -> dict[str, str]:
    return {"marker": marker.label, "gene": marker.genes[0] if marker.genes else marker.label}


Subject = Patient | OfSample | OfMarker | OfObservation | OfSeries

#: The scopes of rules, with what a rule of that scope is tried on and the words every template of it may use.
SCOPES: Mapping[str, tuple[type, tuple[str, ...]]] = {
    "patient": (Patient, ()),
    "sample": (OfSample, ("sample",)),
    "marker": (OfMarker, ("marker", "gene")),
    "observation": (OfObservation, ("marker", "gene", "sample", "assay", "technique", "text", "formula")),
    "series": (OfSeries, ("marker", "gene", "series")),
}


def subjects(patient: Patient, scope: str, *, hidden: bool = False) -> Sequence[Subject]:
    """Everything that a rule of this scope is tried on, in the order of samples; made once for all rules.

    Parameters
    ----------
    hidden
        Also markers that are kept but not followed.
    """
    key = scope, hidden
    if key not in patient.known_subjects:
        patient.known_subjects[key] = tuple(_subjects(patient, scope, hidden))
    return patient.known_subjects[key]


def _subjects(patient: Patient, scope: str, hidden: bool) -> Iterator[Subject]:
    if scope == "patient":
        yield patient
    elif scope == "sample":
        yield from (OfSample(patient, placed.info.sample) for placed in patient.axis.samples)
    elif scope == "series":
        for course in patient.evolution.courses:
            yield OfSeries(patient, patient.markers[course.series.marker], course)
    elif scope == "marker":
        for found in patient.by_marker.values():
            if hidden or found[0][0].tracked:
                yield OfMarker(patient, found[0][0])
    else:
        for marker, item in patient.everything:
            if hidden or marker.tracked:
                yield OfObservation(patient, item.sample, marker, item)
