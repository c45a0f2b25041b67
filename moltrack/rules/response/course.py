"""A patient's assessments in order: what was measured around each marrow, and whether remission had been reached before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from moltrack.model import (
    Axis,
    Event,
    EventType,
    Evidence,
    Marker,
    MarkerKind,
    Measured,
    Observation,
    PatientRecords,
    PhaseKind,
    PlacedEvent,
    PlacedSample,
    Status,
    Technique,
    Tissue,
    Verdict,
)
from moltrack.rules.facts import evidence_of
from moltrack.rules.response.criteria import REMISSIONS, ResponseInputs, response_status
from moltrack.rules.ruleset import RuleSet

NEUTROPHILS = frozenset(
    {"anc", "neutrophils", "neutrophil count", "absolute neutrophil count", "neutrophils absolute", "neutrophile"}
)
PLATELETS = frozenset({"plt", "platelets", "platelet count", "thrombocytes", "thrombozyten"})

BEFORE_TREATMENT = frozenset({PhaseKind.DIAGNOSIS, PhaseKind.PRE_TREATMENT})
THERAPY = frozenset({EventType.TREATMENT, EventType.INFUSION, EventType.TRANSPLANT})

#: A recorded word that says remission with at least partial recovery: CR, CRi, CRh, "CR without MRD", "complete remission".
_REMISSION = re.compile(
    r"\s*(?:c?CR(?:i|h|p)?(?![A-Za-z])|CRMRD|complete (?:hematologic |haematologic )?(?:remission|response))",
    re.IGNORECASE,
)
_RELAPSE = re.compile(r"relapse|progress|rezidiv", re.IGNORECASE)

#: Recorded words about counts: shown beside a verdict, never read as numbers.
_CYTOPENIA = re.compile(r"cytopeni|neutropeni|thrombocytopeni", re.IGNORECASE)


@dataclass(frozen=True)
class Assessment:
    """The values around one marrow sample, the verdict from them, and the state that the patient was in before."""

    placed: PlacedSample
    inputs: ResponseInputs
    verdict: Verdict


#: Days around a marrow within which values count as one assessment [convention].
WINDOW_DAYS = 7


class Course:
    """A patient's samples and events in order.

    Parameters
    ----------
    window_days
        Values of samples within so many days of a marrow count as one assessment with it.
    """

    def __init__(self, records: PatientRecords, axis: Axis, rules: RuleSet, window_days: int) -> None:
        self.records = records
        self.axis = axis
        self.rules = rules
        self.window_days = window_days
        self.markers = {marker.id: marker for marker in records.markers}
        self.placed = {placed.info.sample: placed for placed in axis.samples}

    # --- what was measured ---

    @cached_property
    def by_sample(self) -> dict[str, list[Observation]]:
        """Observations of each sample."""
        found: dict[str, list[Observation]] = {}
        for item in self.records.observations:
            found.setdefault(item.sample, []).append(item)
        return found

    @cached_property
    def by_marker(self) -> dict[tuple[str, str, str], list[Observation]]:
        """Observations of each marker, assay and sample: one per quantity."""
        found: dict[tuple[str, str, str], list[Observation]] = {}
        for item in self.records.observations:
            found.setdefault((item.marker, item.assay, item.sample), []).append(item)
        return found

    @cached_property
    def values(self) -> dict[str, list[tuple[PlacedSample, Observation, float | None]]]:
        """Every value that a response criterion reads, by the name of its input."""
        found: dict[str, list[tuple[PlacedSample, Observation, float | None]]] = {}
        for item in sorted(
            self.records.observations, key=lambda item: (item.sample, item.marker, item.assay, item.printed)
        ):
            marker, placed = self.markers.get(item.marker), self.placed.get(item.sample)
            if marker is None or placed is None or item.status is Status.NOT_EVALUABLE:
                continue
            for name, value in _values_of(marker, item):
                found.setdefault(name, []).append((placed, item, value))
        return found

    def nearest(self, name: str, placed: PlacedSample) -> list[tuple[PlacedSample, Observation, float | None]]:
        """The values of one input within the window around a sample, those of the nearest day."""
        near = [entry for entry in self.values.get(name, []) if self.distance(entry[0], placed) <= self.window_days]
        closest = min((self.distance(entry[0], placed) for entry in near), default=0.0)
        return [entry for entry in near if self.distance(entry[0], placed) == closest]

    def distance(self, one: PlacedSample | PlacedEvent, other: PlacedSample | PlacedEvent) -> float:
        """Days between two; infinite when they cannot be linked."""
        if one is other:
            return 0.0
        return abs(one.day - other.day) if one.day is not None and other.day is not None else float("inf")

    # --- assessments ---

    @cached_property
    def assessments(self) -> tuple[Assessment, ...]:
        """One per sample with marrow blasts, after the first treatment, in order; MRD is not looked at yet."""
        made: list[Assessment] = []
        for placed in self.axis.samples:
            if not self._of_marrow(placed) or self.is_before_treatment(placed):
                continue
            inputs = self._inputs(placed, self._earlier_remission(placed, made))
            made.append(Assessment(placed, inputs, response_status(inputs, self.rules, sample=placed.info.sample)))
        return tuple(made)

    def _of_marrow(self, placed: PlacedSample) -> bool:
        return any(entry[0] is placed for entry in self.values.get("bm_blasts", []))

    def is_before_treatment(self, placed: PlacedSample) -> bool:
        if placed.info.phase is not None and placed.info.phase.kind in BEFORE_TREATMENT:
            return True
        therapies = [event.order for event in self.axis.events if event.event.type in THERAPY]
        return bool(therapies) and min(therapies) > placed.order

    def _inputs(self, placed: PlacedSample, earlier_remission: bool) -> ResponseInputs:
        evidence: dict[str, tuple[Evidence, ...]] = {}

        def take(name: str, *, highest: bool) -> float | None:
            near = self.nearest(name, placed) if name != "bm_blasts" else _by_morphology(placed, self.values[name])
            evidence[name] = tuple(self._evidence(item) for _, item, _ in near)
            known = [value for _, _, value in near if value is not None]
            if not known or (len(known) < len(near) and highest):
                return None
            return max(known) if highest else min(known)

        bm = take("bm_blasts", highest=True)
        cells = [
            item.counts.cells_total
            for _, item, _ in _by_morphology(placed, self.values["bm_blasts"])
            if item.counts.cells_total
        ]
        counted = take("cells_counted", highest=False) or (max(cells) if cells else None)
        adequate, extramedullary, spicules = (
            take(name, highest=True) for name in ("marrow_adequate", "extramedullary", "spicules")
        )
        return ResponseInputs(
            bm_blasts=bm,
            pb_blasts=take("pb_blasts", highest=True),
            anc=take("anc", highest=False),
            platelets=take("platelets", highest=False),
            extramedullary=None if extramedullary is None else bool(extramedullary),
            marrow_done=True,
            marrow_adequate=None if adequate is None else bool(adequate),
            spicules=None if spicules is None else bool(spicules),
            cells_counted=None if counted is None else int(counted),
            cellularity=take("cellularity", highest=False),
            pretreatment_blasts=self._pretreatment_blasts(placed, evidence),
            blood_blast_days=self._blood_blast_days(placed),
            earlier_remission=earlier_remission,
            unsupported=self._unsupported(placed),
            evidence=evidence,
        )

    def _evidence(self, item: Observation) -> Evidence:
        return evidence_of(self.markers[item.marker], item)

    def _pretreatment_blasts(self, placed: PlacedSample, evidence: dict[str, tuple[Evidence, ...]]) -> float | None:
        """Marrow blasts at the last diagnosis or relapse before, else of the last sample before the first treatment."""
        earlier = [
            entry
            for entry in self.values.get("bm_blasts", [])
            if entry[0].order < placed.order and entry[2] is not None
        ]
        named = [
            entry
            for entry in earlier
            if entry[0].info.phase and entry[0].info.phase.kind in BEFORE_TREATMENT | {PhaseKind.RELAPSE}
        ]
        chosen = named or [entry for entry in earlier if self.is_before_treatment(entry[0])]
        if not chosen:
            return None
        last, item, value = max(chosen, key=lambda entry: (entry[0].order, entry[2] or 0))
        # A relapse that was treated since starts a new course: blasts at diagnosis are not what it is measured against.
        relapses = [
            event.order
            for event in self.axis.events
            if event.event.type is EventType.RELAPSE and event.order < placed.order
        ]
        if relapses and max(relapses) > last.order:
            return None
        evidence["pretreatment_blasts"] = (self._evidence(item),)
        return value

    def _blood_blast_days(self, placed: PlacedSample) -> tuple[float, ...]:
        """Days with circulating blasts since the last recorded remission, up to this assessment."""
        remissions = [e.order for e in self.axis.events if e.order < placed.order and is_remission(e.event)]
        since = max(remissions, default=0.0)
        positive = [p for p, _, value in self.values.get("pb_blasts", []) if value is None or value > 0]
        return tuple(
            p.day
            for p in positive
            if p.day is not None
            and p.order > since
            and (p.order <= placed.order or self.distance(p, placed) <= self.window_days)
        )

    def _unsupported(self, placed: PlacedSample) -> bool | None:
        supports = [e for e in self.axis.events if e.event.type in {EventType.TRANSFUSION, EventType.GROWTH_FACTOR}]
        return False if any(self.distance(event, placed) <= self.window_days for event in supports) else None

    # --- states ---

    def _earlier_remission(self, placed: PlacedSample, made: Sequence[Assessment]) -> bool:
        return self._state(placed.order, made).remission

    def _state(self, before: float, made: Sequence[Assessment]) -> _State:
        """What events and earlier assessments say of the time just before ``before``."""
        steps: list[tuple[float, Event | Verdict]] = [(e.order, e.event) for e in self.axis.events if e.order < before]
        steps += [(a.placed.order, a.verdict) for a in made if a.placed.order < before]
        state = _State()
        for _, step in sorted(steps, key=lambda entry: entry[0]):
            state = state.after(step)
        return state

    def remission_at(self, placed: PlacedSample) -> tuple[bool | None, str]:
        """Whether morphologic remission (CR, CRh, CRi) is established at a sample, and by what; None = the data do not tell."""
        recorded = [
            event
            for event in self.axis.events
            if event.event.type is EventType.RESPONSE
            and event.order > placed.order
            and self.distance(event, placed) <= self.window_days
        ]
        own = next((a.verdict for a in self.assessments if a.placed is placed), None)
        if own is not None:
            possible = {own.category} if own.category else set(own.possible)
            if possible <= set(REMISSIONS):
                return True, f"computed response {own.text}"
            if not possible & set(REMISSIONS):
                return False, f"computed response {own.text}"
        if placed.info.phase is not None and placed.info.phase.kind is PhaseKind.RELAPSE:
            return False, "the sample is of relapse"
        if recorded:
            name = recorded[0].event.name
            return is_remission(recorded[0].event), f"recorded response {name}"
        state = self._state(placed.order, [a for a in self.assessments if a.placed is not placed])
        if state.remission and not state.relapsed:
            return True, state.source
        if own is not None:
            return None, f"computed response {own.text}"
        return (False, state.source) if state.source else (None, "no response is recorded or can be computed")

    # --- words ---

    def recorded_at(self, placed: PlacedSample) -> tuple[PlacedEvent, ...]:
        """Responses and relapses recorded within the window around a sample.

        Where days do not tell how far apart they are: those recorded after a sample of treatment or later and before the next sample.
        """
        later = [other.order for other in self.axis.samples if other.order > placed.order]
        until = min(later, default=float("inf"))
        found = []
        for event in self.axis.events:
            if event.event.type not in {EventType.RESPONSE, EventType.RELAPSE}:
                continue
            if event.day is not None and placed.day is not None:
                is_near = self.distance(event, placed) <= self.window_days
            else:
                is_near = placed.order < event.order < until and not self.is_before_treatment(placed)
            if is_near:
                found.append(event)
        return tuple(found)

    def recorded_beside(self, placed: PlacedSample) -> str:
        """Recorded responses and words about counts near a sample: shown, never replacing or replaced."""
        responses = [e for e in self.axis.events if e.event.type in {EventType.RESPONSE, EventType.RELAPSE}]
        near = [e for e in responses if self.distance(e, placed) <= self.window_days]
        before = [e for e in responses if e.order < placed.order]
        parts = []
        if shown := near or before[-1:]:
            parts.append("Recorded response: " + "; ".join(event_words(e.event) for e in shown) + ".")
        therapies = [e.order for e in self.axis.events if e.event.type in THERAPY]
        since = max((order for order in therapies if order < placed.order), default=0.0)
        until = min((order for order in therapies if order > placed.order), default=float("inf"))
        beside = [e.event for e in self.axis.events if _CYTOPENIA.search(e.event.name) and since < e.order < until]
        if beside:
            parts.append("Recorded beside, not used as counts: " + "; ".join(map(event_words, beside)) + ".")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class _State:
    """``remission``: reached and not treated for relapse since; ``relapsed``: relapse known, not treated yet; ``source`` the last word on it."""

    remission: bool = False
    relapsed: bool = False
    source: str = ""

    def after(self, step: Event | Verdict) -> _State:
        if isinstance(step, Verdict):
            return self._after_verdict(step)
        if step.type is EventType.RELAPSE or (step.type is EventType.RESPONSE and _RELAPSE.search(step.name)):
            return replace(self, relapsed=True, source=f"recorded {step.name}")
        if step.type is EventType.RESPONSE:
            return _State(is_remission(step), source=f"recorded response {step.name}")
        if step.type in THERAPY and self.relapsed:
            return replace(self, remission=False, relapsed=False)
        return self

    def _after_verdict(self, verdict: Verdict) -> _State:
        possible = {verdict.category} if verdict.category else set(verdict.possible)
        source = f"response {verdict.text} computed at sample {verdict.sample}"
        if possible <= set(REMISSIONS):
            return _State(True, source=source)
        if possible == {"relapse"}:
            return replace(self, relapsed=True, source=source)
        if not possible & {*REMISSIONS, "nonevaluable", "relapse"}:
            return _State(False, source=source)
        return self


def is_remission(event: Event) -> bool:
    """Whether a recorded response says CR, CRh or CRi."""
    return event.type is EventType.RESPONSE and _REMISSION.match(event.name) is not None


def event_words(event: Event) -> str:
    """A recorded event with its grade, time and who recorded it."""
    grade = f" grade {event.grade}" if event.grade else ""
    when = f", {event.start}" if event.start.is_known else ""
    by = f", by {event.recorded_by}" if event.recorded_by else ""
    return f"{event.name}{grade}{when}{by}"


# --- single values ----------------------------------------------------------------------------------------------------


def _values_of(marker: Marker, item: Observation) -> Iterator[tuple[str, float | None]]:
    """The inputs that an observation gives a value for; None = a result without a usable number."""
    name = marker.finding.name if isinstance(marker.finding, Measured) else marker.label
    low = name.strip().lower()
    if marker.kind is MarkerKind.BLASTS:
        tissue = _tissue_of_blasts(low, item.tissue)
        if tissue is Tissue.BM:
            yield "bm_blasts", _blast_fraction(item)
        elif tissue is Tissue.PB:
            yield "pb_blasts", _blast_fraction(item)
    elif marker.kind is MarkerKind.ANALYTE:
        if low in NEUTROPHILS:
            yield "anc", _count(item)
        elif low in PLATELETS:
            yield "platelets", _count(item)
        elif "cellularity" in low:
            yield "cellularity", item.level / 100 if item.level is not None and "%" in item.printed else None
        elif "cells counted" in low:
            yield "cells_counted", item.level
    elif marker.kind is MarkerKind.REPORTED:
        absent = item.status is Status.NOT_DETECTED
        if "extramedullary" in low:
            yield "extramedullary", _presence(item.text, absent)
        elif "spicules" in low:
            yield "spicules", _presence(item.text, absent)
        elif "marrow" in low and ("adequa" in low or "quality" in low):
            yield "marrow_adequate", _adequacy(item.text, absent)


_NOT_LOOKED = re.compile(
    r"not (?:done|assessed|evaluated|tested|known|examined)|unknown|unclear|pending|nicht untersucht|unklar|\?",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:no|none|without|keine?|ohne)\b|absent|excluded|negative?|not (?:present|detected|seen|found)|nicht (?:nachgewiesen|vorhanden)",
    re.IGNORECASE,
)


def _presence(text: str, absent: bool) -> float | None:
    """1 for a word that something is there, 0 for one that it is not, None when nobody looked."""
    if _NOT_LOOKED.match(text.strip()):
        return None
    return 0.0 if absent or _NONE.match(text.strip()) else 1.0


def _adequacy(text: str, absent: bool) -> float | None:
    word = text.strip().lower()
    if absent or word in {"inadequate", "poor", "insufficient", "aplastic", "dry tap", "no"}:
        return 0.0
    return 1.0 if word in {"adequate", "good", "sufficient", "yes", "representative"} else None


def _tissue_of_blasts(name: str, tissue: Tissue) -> Tissue:
    if re.search(r"\b(pb|peripheral|blood|circulating)\b", name):
        return Tissue.PB
    return Tissue.BM if re.search(r"\b(bm|marrow)\b", name) else tissue


def _blast_fraction(item: Observation) -> float | None:
    """The fraction of blasts; a miss counts as none, unless its limit lies above 5 %."""
    if item.status is Status.NOT_DETECTED and item.level is None:
        bound = max((limit.value for limit in item.limits), default=0.0)
        return 0.0 if bound <= 0.05 else None
    return item.level if item.quantity == "cell_fraction" else None


_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

#: Units of counts as printed, with their factor to 10^9/L. 1.0 x 10^9/L = 1,000/µL.
_UNITS = (
    (re.compile(r"(?:10\s*(?:\^|\*\*?|e)?\s*\+?9|1?e9)\s*/\s*l", re.IGNORECASE), 1.0),
    (re.compile(r"(?<![a-zA-Z])(?:G|Gpt)/[lL]"), 1.0),
    (re.compile(r"/\s*nl", re.IGNORECASE), 1.0),
    (re.compile(r"(?:10\s*(?:\^|\*\*?|e)?\s*\+?3|1?e3|k|thousand|tsd\.?)\s*/\s*(?:[µμu]l|mm\^?3)", re.IGNORECASE), 1.0),
    (re.compile(r"/\s*(?:[µμu]l|mcl|mm\^?3)", re.IGNORECASE), 1e-3),
)


def _count(item: Observation) -> float | None:
    """Cells in 10^9/L from the printed unit; None when the unit is not one of counts, or only a bound is printed."""
    if item.level is None or item.comparator:
        return None
    printed = item.printed.translate(_SUPERSCRIPTS)
    return next((item.level * factor for pattern, factor in _UNITS if pattern.search(printed)), None)


def _by_morphology(
    placed: PlacedSample, entries: Sequence[tuple[PlacedSample, Observation, float | None]]
) -> list[tuple[PlacedSample, Observation, float | None]]:
    """Marrow blasts of a sample: by morphology where that was done, else by what was."""
    own = [entry for entry in entries if entry[0] is placed]
    return [entry for entry in own if entry[1].technique is Technique.MORPHOLOGY] or own
