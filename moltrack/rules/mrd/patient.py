"""MRD status at every sample of a patient, per target and method, where morphologic remission is established."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from moltrack.model import (
    Axis,
    EventType,
    LimitKind,
    Marker,
    MarkerKind,
    Observation,
    OverrideAction,
    PatientRecords,
    PhaseKind,
    PlacedSample,
    SmallVariant,
    Status,
    Technique,
    Verdict,
)
from moltrack.rules.facts import evidence_of
from moltrack.rules.mrd.inputs import (
    AFTER_CYCLE_2,
    END_OF_TREATMENT,
    FOLLOW_UP,
    POST_HCT,
    PRE_HCT,
    Method,
    MrdInputs,
    MrdPoint,
    NgsGene,
    Target,
)
from moltrack.rules.mrd.status import mrd_statuses
from moltrack.rules.response.course import BEFORE_TREATMENT, WINDOW_DAYS, Course
from moltrack.rules.ruleset import RuleSet, load_ruleset

K = TypeVar("K")

#: Age below which guidelines for adults are applied to a minor.
ADULT = 18

TARGET_OF_LESION = {
    "NPM1": Target.NPM1,
    "t_8_21": Target.CBF,
    "inv16_t16_16": Target.CBF,
    "t_15_17": Target.PML_RARA,
    "t_9_11": Target.KMT2A,
    "t_v_11q23_other": Target.KMT2A,
    "FLT3_ITD": Target.FLT3_ITD,
}

#: Quantities on the scale of each method, in order of preference; "" = a result without a scale.
QUANTITIES = {
    Method.QPCR: ("normalized_copies", ""),
    Method.DPCR: ("normalized_copies", "vaf", ""),
    Method.MFC: ("cell_fraction", ""),
    Method.NGS: ("vaf", ""),
    Method.UHS_NGS: ("vaf", ""),
    Method.FRAGMENT: ("vaf", ""),
}


@dataclass(frozen=True, slots=True)
class SampleStatus:
    """The bare status beside the verdict whose category carries its limit."""

    status: str
    verdict: Verdict


def mrd_verdicts(
    records: PatientRecords,
    axis: Axis,
    *,
    guideline: str | Path | RuleSet = "eln2021",
    window_days: int = WINDOW_DAYS,
    response: str | Path | RuleSet = "eln2022",
) -> tuple[Verdict, ...]:
    """One verdict per sample, target and method after the first treatment, in the order of samples.

    A miss carries its limit in the category ("negative at 2e-5"). Where remission is not established by recorded or computed responses
    there is no status, and ``reason`` says so. Variants of one panel are one verdict; those left out are named with the reason.

    Parameters
    ----------
    window_days
        Days around a marrow within which values count as one response assessment.
    response
        The guideline by which remission is computed.
    """
    rules = guideline if isinstance(guideline, RuleSet) else load_ruleset(guideline, "mrd")
    criteria = response if isinstance(response, RuleSet) else load_ruleset(response, "response")
    course = Course(records, axis, criteria, window_days)
    samples = [placed.info.sample for placed in axis.samples]
    return tuple(item.verdict for sample in samples for item in statuses_of(course, sample, rules))


def statuses_of(course: Course, sample: str, guideline: str | Path | RuleSet = "eln2021") -> tuple[SampleStatus, ...]:
    """Status and verdict of every target and method of one sample."""
    placed = course.placed[sample]
    if placed.info.phase is not None and placed.info.phase.kind in BEFORE_TREATMENT:
        return ()
    inputs = sorted(_inputs(course, placed), key=lambda item: (item.target, item.method, item.label))
    found = []
    for verdict in mrd_statuses(inputs, guideline, sample=sample):
        limited = _with_limit(verdict)
        if course.records.patient.age is not None and course.records.patient.age < ADULT:
            limited = replace(limited, flags=(*limited.flags, "minor"))
        found.append(SampleStatus(verdict.category or "", limited))
    return tuple(found)


def _with_limit(verdict: Verdict) -> Verdict:
    """``negative`` as "negative at 2e-5", ``optimal`` by a miss as "optimal (negative at 2e-5)"."""
    seen = verdict.reason.partition(";")[0]
    if verdict.category not in {"negative", "optimal"} or not seen.startswith("not detected"):
        return verdict
    at = "negative" + seen.removeprefix("not detected").partition(" (")[0]
    category = at if verdict.category == "negative" else f"optimal ({at})"
    return replace(verdict, category=category, as_observed=category)


# --- inputs from observations -----------------------------------------------------------------------------------------


def _inputs(course: Course, placed: PlacedSample) -> Iterator[MrdInputs]:
    remission, source = course.remission_at(placed)
    own = course.by_sample.get(placed.info.sample, [])
    after_hct = _is_after_transplant(course, placed)
    for (marker_id, assay), items in _grouped(own, lambda item: (item.marker, item.assay)).items():
        marker = course.markers[marker_id]
        single = _target_and_method(course, marker, items[0])
        if single is None:
            continue
        target, method = single
        item = _preferred(items, method)
        if item is None:
            continue
        covers = _covers_target(course, marker)
        earlier = [
            (other, found)
            for other in course.axis.samples
            if _is_in_course(course, other, placed)
            and (found := _result(course, marker_id, assay, other, method)) is not None
        ]
        yield MrdInputs(
            target,
            method,
            _point(placed, item, covers),
            earlier=tuple(_point(other, found, covers) for other, found in earlier),
            baseline=_baseline(course, marker_id, assay, placed, method),
            remission=remission,
            remission_source=source,
            after_hct=after_hct,
            label="flow MRD" if method is Method.MFC else marker.label,
            lesions=marker.lesions,
            evidence=(evidence_of(marker, item),),
            carried=_is_carried(course, marker) if target is not Target.OTHER else True,
        )
    panels = _grouped(
        (item for item in own if _is_of_panel(course.markers[item.marker], item)), lambda item: item.assay
    )
    for assay, items in panels.items():
        genes = [
            gene
            for marker_id, same in _grouped(items, lambda item: item.marker).items()
            if (gene := _gene(course, placed, course.markers[marker_id], assay, same)) is not None
        ]
        point = MrdPoint(items[0].tissue, _time(placed), day=placed.day, sample=placed.info.sample)
        yield MrdInputs(
            Target.OTHER,
            Method.NGS,
            point,
            remission=remission,
            remission_source=source,
            genes=tuple(sorted(genes, key=lambda gene: gene.name)),
            after_hct=after_hct,
            label=f"panel {assay}",
            evidence=tuple(evidence_of(course.markers[item.marker], item) for item in items),
        )


def _grouped(items: Iterable[Observation], key: Callable[[Observation], K]) -> dict[K, list[Observation]]:
    groups: dict[K, list[Observation]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _target_and_method(course: Course, marker: Marker, item: Observation) -> tuple[Target, Method] | None:
    """What an observation is in the guidelines' words; None for what they do not follow, or follow as part of a panel.

    A PCR of a target that guidelines name was done for MRD, even where it never found anything that would be followed.
    """
    target = next((TARGET_OF_LESION[lesion] for lesion in _lesions(marker) if lesion in TARGET_OF_LESION), None)
    by_pcr = item.technique in {Technique.QPCR, Technique.DPCR} and marker.kind in {
        MarkerKind.FUSION,
        MarkerKind.SMALL_VARIANT,
    }
    if marker.parent or not (marker.tracked or (by_pcr and target and not _is_left_out(course, marker, item))):
        return None
    if marker.kind is MarkerKind.FLOW:
        return Target.OTHER, Method.MFC
    if by_pcr:
        return target or Target.OTHER, Method.QPCR if item.technique is Technique.QPCR else Method.DPCR
    if target is Target.FLT3_ITD and marker.kind is MarkerKind.ITD:
        if item.technique is Technique.FRAGMENT_ANALYSIS:
            return target, Method.FRAGMENT
        if item.technique is Technique.DNA_SEQUENCING:
            lod = item.limit(LimitKind.LOD)
            return target, Method.UHS_NGS if lod is not None and lod <= 1e-4 else Method.NGS
    return None


def _lesions(marker: Marker) -> tuple[str, ...]:
    """The lesions of a marker; of NPM1 as a whole (an assay whose type is not said) its gene."""
    return marker.lesions or (("NPM1",) if _is_whole_npm1(marker) else ())


def _is_whole_npm1(marker: Marker) -> bool:
    """True for NPM1 without a named change."""
    return marker.id == "NPM1" and marker.kind is MarkerKind.SMALL_VARIANT


def _is_left_out(course: Course, marker: Marker, item: Observation) -> bool:
    """True when a user decided not to follow the marker, it is harmless, or the same test is read of a marker that is followed."""
    wanted = set(_lesions(marker))
    others = {other.id for other in course.markers.values() if other.tracked and wanted & set(_lesions(other))}
    if any(other.marker in others and other.assay == item.assay for other in course.by_sample[item.sample]):
        return True
    decided = any(
        item.action is OverrideAction.UNTRACK and item.target == marker.id and not item.revoked
        for item in course.records.overrides
    )
    return decided or marker.classification not in {"", "pathogenic", "likely_pathogenic"}


def _is_carried(course: Course, marker: Marker) -> bool | None:
    """Whether the patient's disease was ever shown to carry what a marker is of; False: looked for before treatment, not found.

    One variant that is not there says nothing of the others of its gene.
    """
    wanted = set(_lesions(marker))
    same = [other for other in course.markers.values() if wanted & set(_lesions(other))]
    whole = {other.id for other in same if not isinstance(other.finding, SmallVariant) or _is_whole_npm1(other)}
    items = [item for item in course.records.observations if item.marker in {other.id for other in same}]
    if any(item.status is Status.DETECTED for item in items):
        return True
    looked = any(
        item.status is Status.NOT_DETECTED
        and (item.marker == marker.id or item.marker in whole)
        and course.is_before_treatment(course.placed[item.sample])
        for item in items
    )
    return False if looked else None


def _is_of_panel(marker: Marker, item: Observation) -> bool:
    return marker.tracked and marker.kind is MarkerKind.SMALL_VARIANT and item.technique is Technique.DNA_SEQUENCING


def _preferred(items: Iterable[Observation], method: Method) -> Observation | None:
    by_quantity = {item.quantity: item for item in items}
    return next((by_quantity[name] for name in QUANTITIES[method] if name in by_quantity), None)


def _result(course: Course, marker: str, assay: str, placed: PlacedSample, method: Method) -> Observation | None:
    return _preferred(course.by_marker.get((marker, assay, placed.info.sample), ()), method)


def _point(placed: PlacedSample, item: Observation, covers_target: bool | None) -> MrdPoint:
    detected = {Status.DETECTED: True, Status.NOT_DETECTED: False}.get(item.status)
    counts = item.counts
    return MrdPoint(
        item.tissue,
        _time(placed),
        detected,
        item.level if detected else None,
        placed.day,
        item.limit(LimitKind.LOD),
        ct=item.adequacy.cycles if detected is not None else (),
        control_copies=counts.control_copies,
        events=counts.events_total,
        compartment_cells=item.adequacy.compartment_cells,
        first_pull=item.adequacy.first_pull,
        age_days=item.adequacy.age_days,
        covers_target=covers_target,
        sample=placed.info.sample,
    )


def _covers_target(course: Course, marker: Marker) -> bool | None:
    """False for an assay of one NPM1 type in a patient whose detected mutation of NPM1 is another; None = nothing says so."""
    if marker.kind is not MarkerKind.SMALL_VARIANT or "NPM1" not in marker.lesions or _is_whole_npm1(marker):
        return None
    found = {
        item.marker
        for item in course.records.observations
        if item.status is Status.DETECTED and "NPM1" in course.markers[item.marker].lesions
    }
    return False if found and marker.id not in found else None


def _gene(
    course: Course, placed: PlacedSample, marker: Marker, assay: str, items: Iterable[Observation]
) -> NgsGene | None:
    item = _preferred(items, Method.NGS)
    if item is None:
        return None
    detected = {Status.DETECTED: True, Status.NOT_DETECTED: False}.get(item.status)
    baseline = next(
        (
            found.level
            for other in course.axis.samples
            if other.info.phase is not None and other.info.phase.kind in BEFORE_TREATMENT
            if (found := _result(course, marker.id, assay, other, Method.NGS)) is not None and found.level is not None
        ),
        None,
    )
    gene = marker.genes[0] if marker.genes else marker.label
    return NgsGene(gene, item.level if detected else None, detected, item.limit(LimitKind.LOD), baseline, marker.label)


def _baseline(course: Course, marker: str, assay: str, placed: PlacedSample, method: Method) -> float | None:
    """The level at diagnosis in the tissue of this sample, by the same assay."""
    for other in course.axis.samples:
        if other.info.phase is None or other.info.phase.kind not in BEFORE_TREATMENT:
            continue
        found = _result(course, marker, assay, other, method)
        if found is not None and found.status is Status.DETECTED and found.tissue is placed.info.tissue and found.level:
            return found.level
    return None


def _is_in_course(course: Course, other: PlacedSample, placed: PlacedSample) -> bool:
    """Whether an earlier sample belongs to the same remission: after the last relapse, and neither of diagnosis nor of relapse."""
    if other.order >= placed.order:
        return False
    if other.info.phase is not None and other.info.phase.kind in BEFORE_TREATMENT | {PhaseKind.RELAPSE}:
        return False
    relapses = [e.order for e in course.axis.events if e.event.type is EventType.RELAPSE and e.order < placed.order]
    return other.order > max(relapses, default=0.0)


def _is_after_transplant(course: Course, placed: PlacedSample) -> bool:
    if placed.info.phase is not None and placed.info.phase.kind is PhaseKind.POST_HCT:
        return True
    return any(e.event.type is EventType.TRANSPLANT and e.order < placed.order for e in course.axis.events)


def _time(placed: PlacedSample) -> str:
    """The guidelines' time point from the phase; "" when the phase is not known or says nothing of it."""
    phase = placed.info.phase
    if phase is None or phase.kind is PhaseKind.OTHER:
        return ""
    if phase.kind is PhaseKind.AFTER_CYCLE:
        return AFTER_CYCLE_2 if phase.cycle == 2 else f"after_cycle_{phase.cycle}"
    names = {
        PhaseKind.END_OF_TREATMENT: END_OF_TREATMENT,
        PhaseKind.PRE_HCT: PRE_HCT,
        PhaseKind.POST_HCT: POST_HCT,
        PhaseKind.FOLLOW_UP: FOLLOW_UP,
    }
    return names.get(phase.kind, str(phase.kind))
