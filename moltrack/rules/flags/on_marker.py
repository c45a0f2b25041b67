"""Predicates of a marker over all samples: what it is, and how it came, stayed, fell or went."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from moltrack.model import Course, SmallVariant, Status, Truth
from moltrack.quantity import format_level
from moltrack.rules.flags.on_patient import drug_is_given, drugs_begun
from moltrack.rules.flags.registry import NO, Found, Names, predicate, unknown, yes, yes_if
from moltrack.rules.flags.subjects import OfMarker, OfSeries, Pair

# --- what it is -------------------------------------------------------------------------------------------------------


@predicate()
def is_of_kind(on: OfMarker, kinds: Names) -> Found:
    """The marker is of one of these kinds."""
    return yes_if(on.marker.kind in kinds)


@predicate()
def gene_is_listed(on: OfMarker, genes: Names) -> Found:
    """The marker is of one of these genes."""
    return yes_if(not genes.isdisjoint(on.marker.genes))


@predicate()
def residue_is_listed(on: OfMarker, residues: Names) -> Found:
    """The variant changes one of these residues of the protein."""
    name = on.marker.finding.hgvs_p if isinstance(on.marker.finding, SmallVariant) else ""
    match = re.search(r"p\.\(?[A-Z][a-z]{0,2}(\d+)", name)
    return yes_if(match[1] in residues) if match else unknown(f"protein change of {on.marker.label}")


@predicate()
def is_a_clone(on: OfMarker) -> Found:
    """The marker is one clone of another (one of several duplications)."""
    return yes_if(bool(on.marker.parent))


@predicate()
def label_says(on: OfMarker, words: Names) -> Found:
    """The marker's name holds one of these words."""
    label = on.marker.label.casefold()
    return yes_if(any(word.casefold() in label for word in words))


# --- where it is seen -------------------------------------------------------------------------------------------------


@predicate("sample")
def is_seen(on: OfMarker) -> Found:
    """The marker is detected in some sample."""
    if on.seen:
        return yes(*on.seen, sample=on.seen[-1][1].sample)
    tested = any(item.status is Status.NOT_DETECTED for _, item in on.results)
    return NO if tested else unknown(f"an evaluable result of {on.marker.label}")


@predicate("sample", "samples")
def is_seen_in_two_samples(on: OfMarker) -> Found:
    """The marker is detected in more than one sample."""
    samples = dict.fromkeys(item.sample for _, item in on.seen)
    if len(samples) > 1:
        return yes(*on.seen, sample=list(samples)[-1], samples=str(len(samples)))
    tested = {item.sample for _, item in on.results if item.status is not Status.NOT_EVALUABLE}
    return NO if len(tested) > 1 else unknown(f"{on.marker.label} in another sample")


@predicate("sample", "drug")
def is_first_seen_after_drug(on: OfMarker, drugs: Names) -> Found:
    """The marker is first detected in a sample taken after one of these drugs was begun."""
    first = _first_seen(on)
    if not first:
        return NO
    sample = first[0][1].sample
    names = [name for order, name in drugs_begun(on.patient, drugs) if order < on.patient.order(sample)]
    if names:
        return yes(*first, sample=sample, drug=" and ".join(names))
    return unknown() if drug_is_given(on.patient, drugs).answer is Truth.UNKNOWN else NO


@predicate("sample")
def is_first_seen_after_transplant(on: OfMarker) -> Found:
    """The marker is first detected in a sample taken after an allogeneic transplant."""
    first = _first_seen(on)
    if not first:
        return NO
    if on.patient.transplanted_from is None:
        return unknown("day of a transplant")
    sample = first[0][1].sample
    return yes(*first, sample=sample) if on.patient.is_after_transplant(sample) else NO


def _first_seen(on: OfMarker) -> list[Pair]:
    """The detections in the first sample that shows the marker."""
    return [pair for pair in on.seen if pair[1].sample == on.seen[0][1].sample]


# --- inherited --------------------------------------------------------------------------------------------------------


@predicate("sample", "samples", "level")
def stays_near_half_or_one(
    on: OfMarker, germline_heterozygous_from: float, germline_heterozygous_to: float, germline_homozygous_from: float
) -> Found:
    """The VAF lies near 50 % or 100 % in every sample; only cells of a donor are without the variant."""
    missed = [item for _, item in on.results if item.status is Status.NOT_DETECTED]
    if any(not on.patient.is_after_transplant(item.sample) for item in missed):
        return NO
    found = [pair for pair in on.seen if pair[1].quantity == "vaf" and pair[1].level is not None]
    levels = [item.level for _, item in found if item.level is not None]
    samples = dict.fromkeys(item.sample for _, item in found)
    if not all(
        germline_heterozygous_from <= level <= germline_heterozygous_to or level >= germline_homozygous_from
        for level in levels
    ):
        return NO
    without = dict.fromkeys(item.sample for _, item in on.seen if item.sample not in samples)
    if without or not levels:
        return unknown(*(f"VAF of {on.marker.label} in sample {sample}" for sample in without))
    return yes(*found, sample=list(samples)[-1], samples=str(len(samples)), level=f"{levels[0] * 100:.0f} %")


@predicate("sample")
def is_seen_in_remission(on: OfMarker) -> Found:
    """The marker is detected in a sample of morphologic remission, of the patient's own cells."""
    own = [pair for pair in on.results if not on.patient.is_after_transplant(pair[1].sample)]
    tested = [pair for pair in own if pair[1].status in {Status.DETECTED, Status.NOT_DETECTED}]
    in_remission = [pair for pair in tested if on.patient.is_in_remission(pair[1].sample)]
    seen = [pair for pair in in_remission if pair[1].status is Status.DETECTED]
    if seen:
        return yes(*seen, sample=seen[-1][1].sample)
    return NO if in_remission else unknown(f"{on.marker.label} in a sample of remission")


# --- antigens ---------------------------------------------------------------------------------------------------------


@predicate("sample", "before", "was", "now")
def antigen_fell(on: OfMarker, antigen_share: float) -> Found:
    """The antigen fell below this share of what it was, by one assay on one scale and tissue, or is no longer detected."""
    unclear = False
    for found in _by_scale(on.results):
        (_, first), (_, last) = found[0], found[-1]
        if first.sample == last.sample or first.status is not Status.DETECTED:
            continue
        gone = last.status is Status.NOT_DETECTED
        if not gone and (first.level is None or last.level is None):
            unclear = True
        elif gone or (first.level and last.level is not None and last.level < first.level * antigen_share):
            now = "not detected" if gone else last.printed
            was = first.printed or "detected"
            return yes(*found, before=first.sample, was=was, sample=last.sample, now=now)
    return unknown(f"level of {on.marker.label} in the first and the last sample") if unclear else NO


def _by_scale(results: Iterable[Pair]) -> list[list[Pair]]:
    """Evaluable results that can be compared: one assay, quantity and tissue. A result without a scale stands beside each."""
    found: dict[tuple[str, str, str], list[Pair]] = {}
    evaluable = [pair for pair in results if pair[1].status is not Status.NOT_EVALUABLE]
    scales = {(item.assay, item.tissue): item.quantity for _, item in evaluable if item.quantity}
    for pair in evaluable:
        item = pair[1]
        quantity = item.quantity or scales.get((item.assay, item.tissue), "")
        found.setdefault((item.assay, quantity, item.tissue), []).append(pair)
    return list(found.values())


# --- how it came ------------------------------------------------------------------------------------------------------


@predicate("sample")
def appears_later(on: OfMarker) -> Found:
    """The marker is first detected after the first sample."""
    found = on.patient.appearance.get(on.marker.id)
    return yes(*((on.marker, item) for item in found.seen), sample=found.sample) if found else NO


@predicate()
def was_looked_for_before(on: OfMarker) -> Found:
    """A sample before the first detection was tested for the marker."""
    found = on.patient.appearance.get(on.marker.id)
    return yes(*((on.marker, item) for item in found.earlier)) if found and found.earlier else NO


@predicate("sample", "level", "before", "limit")
def was_absent_below_its_level(on: OfMarker) -> Found:
    """An earlier sample was negative down to below the level at which the marker appears."""
    found = on.patient.appearance.get(on.marker.id)
    if found is None or not found.earlier:
        return unknown(f"an earlier test of {on.marker.label}")
    hit, miss, limit = found.hit, found.miss, found.limit
    if hit is None or miss is None or limit is None or hit.level is None:
        return unknown(f"limit of {on.marker.label} in sample {found.earlier[-1].sample}")
    return yes(
        (on.marker, miss),
        (on.marker, hit),
        sample=found.sample,
        level=format_level(hit.level, hit.quantity),
        before=miss.sample,
        limit=format_level(limit.value, miss.quantity),
    )


# --- how it went ------------------------------------------------------------------------------------------------------

CLEARED = frozenset({"cleared", "cleared_unconfirmed"})


@predicate("sample", "course")
def is_cleared(on: OfMarker) -> Found:
    """Every series that ever showed the marker is cleared."""
    found = _shown(on)
    unclear = [course for course in found if course.status == "limit_unknown"]
    if not found or any(course.status not in CLEARED for course in found if course not in unclear):
        return NO
    if unclear:
        return unknown(*dict.fromkeys(f"limit of assay {course.series.assay}" for course in unclear))
    return _end_of(on, found[0])


@predicate("sample", "course")
def is_not_looked_for_again(on: OfMarker) -> Found:
    """No series that showed the marker has a result of a later sample, though the patient has one."""
    found = _shown(on)
    return _end_of(on, found[0]) if found and all(one.status == "not_followed_up" for one in found) else NO


def _shown(on: OfMarker) -> list[Course]:
    """The series that ever showed the marker."""
    return [course for course in on.patient.courses.get(on.marker.id, ()) if course.status]


def _end_of(on: OfMarker, course: Course) -> Found:
    last = course.series.points[-1]
    return yes((on.marker, last.observation), sample=last.sample, course=course.reason)


# --- assays -----------------------------------------------------------------------------------------------------------


@predicate("sample", "until", "assay_before", "assay_after")
def moves_to_another_assay(on: OfMarker) -> Found:
    """A series ends before another begins that differs from it by its assay alone."""
    courses = on.patient.courses.get(on.marker.id, ())
    for one in courses:
        for other in courses:
            if _scale(one) != _scale(other) or one.series.assay == other.series.assay:
                continue
            end, start = one.series.points[-1], other.series.points[0]
            if end.order < start.order:
                return yes(
                    (on.marker, end.observation),
                    (on.marker, start.observation),
                    sample=start.sample,
                    until=end.sample,
                    assay_before=one.series.assay,
                    assay_after=other.series.assay,
                )
    return NO


def _scale(course: Course) -> Sequence[str]:
    series = course.series
    return series.quantity, series.denominator, series.tissue


@predicate("sample", "changes")
def program_changes(on: OfSeries) -> Found:
    """Program or version changes along the series."""
    series = on.course.series
    points = [point for point in series.points if point.observation.tool or point.observation.tool_version]
    if series.flags:
        return yes(
            *((on.marker, point.observation) for point in points),
            sample=points[-1].sample,
            changes="; ".join(series.flags),
        )
    return NO if len(points) == len(series.points) else unknown(f"program of assay {series.assay}")


@predicate("sample", "changes")
def assays_are_joined(on: OfSeries) -> Found:
    """Results of several assays stand in the series, joined by a declared factor."""
    series = on.course.series
    used = {
        point.sample: next(
            (flag.removeprefix("measured by ") for flag in point.observation.flags if flag.startswith("measured by ")),
            series.assay,
        )
        for point in series.points
    }
    if len(set(used.values())) < 2:
        return NO
    changes = ", ".join(f"{assay} in sample {sample}" for sample, assay in used.items())
    return yes(
        *((on.marker, point.observation) for point in series.points), sample=series.points[-1].sample, changes=changes
    )
