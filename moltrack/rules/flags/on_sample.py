"""Predicates of a sample: hits of TP53, misses that are too blunt, MRD relapse."""

from __future__ import annotations

from collections.abc import Iterator

from moltrack.model import Limit, Marker, Observation, SmallVariant, Status, Technique, Truth
from moltrack.quantity import format_level
from moltrack.rules.flags.registry import NO, Found, Names, predicate, unknown, yes, yes_if
from moltrack.rules.flags.subjects import OfSample, Pair

#: A copy-neutral loss of heterozygosity of 17p, which carries no lesion of a guideline.
TP53_LOH = "TP53 CN-LOH"

#: Quantities on whose scale MRD is measured.
MRD_QUANTITIES = frozenset({"vaf", "cell_fraction", "normalized_copies"})


# --- TP53 -------------------------------------------------------------------------------------------------------------


def _tp53_mutations(on: OfSample) -> list[Pair]:
    return [pair for pair in on.found if "TP53" in pair[0].lesions]


@predicate("mutations")
def tp53_is_mutated(on: OfSample) -> Found:
    """A TP53 mutation is detected."""
    return _tp53_mutated(on, at_least=1)


@predicate("mutations")
def tp53_is_mutated_twice(on: OfSample) -> Found:
    """Two TP53 mutations are detected."""
    return _tp53_mutated(on, at_least=2)


def _tp53_mutated(on: OfSample, at_least: int) -> Found:
    found = _tp53_mutations(on)
    seen = [pair for pair in found if pair[1].status is Status.DETECTED]
    count = len({marker.id for marker, _ in seen})
    if count >= at_least:
        return yes(*seen, mutations=f"{count} mutation(s)")
    # The test that found one mutation would have shown a second; a variant that is not there says nothing of the rest of the gene.
    tested = seen or [pair for pair in found if _is_absence(*pair)]
    return NO if tested else unknown("TP53 mutation")


@predicate("loss")
def tp53_is_lost(on: OfSample, usual_cutoff_high: float) -> Found:
    """17p is lost, or has lost heterozygosity, beyond what may be background."""
    found = [pair for pair in on.found if "minus17_abn17p" in pair[0].lesions or pair[0].id == TP53_LOH]
    seen = [pair for pair in found if pair[1].status is Status.DETECTED]
    clear = [pair for pair in seen if not _may_be_background(pair[1], usual_cutoff_high)]
    if clear:
        return yes(*clear, loss=" and loss or LOH of 17p")
    if seen:
        return unknown(*dict.fromkeys(f"cutoff of assay {item.assay}" for _, item in seen))
    return NO if any(_is_absence(*pair) for pair in found) else unknown("karyotype, FISH or array of 17p")


def _may_be_background(item: Observation, highest: float) -> bool:
    """True for a level that a cutoff, which is not declared, may lie above."""
    return "cutoff_unknown" in item.flags and item.level is not None and item.level <= highest


def _is_absence(marker: Marker, item: Observation) -> bool:
    """True for a test of a whole gene or lesion that did not show it."""
    return item.status is Status.NOT_DETECTED and not isinstance(marker.finding, SmallVariant)


# --- MRD --------------------------------------------------------------------------------------------------------------


@predicate()
def is_of_follow_up(on: OfSample) -> Found:
    """The sample is of the time after treatment began, and not of a relapse."""
    answer = on.patient.is_follow_up(on.sample)
    return unknown(f"phase of sample {on.sample}") if answer is Truth.UNKNOWN else Found(answer)


@predicate("misses")
def a_miss_is_too_blunt(
    on: OfSample, needed_by_flow: float, needed_by_pcr: float, needed_by_sequencing: float, not_followed: Names
) -> Found:
    """A marker seen before is not detected, down to a limit above what MRD needs."""
    needed = {
        Technique.FLOW: needed_by_flow,
        Technique.QPCR: needed_by_pcr,
        Technique.DPCR: needed_by_pcr,
        Technique.DNA_SEQUENCING: needed_by_sequencing,
    }
    blunt: dict[str, Pair] = {}
    unclear: dict[str, None] = {}
    for marker, item, limit in _misses(on):
        if item.technique not in needed or set(marker.genes) & not_followed:
            continue
        least = needed[item.technique]
        if limit is None:
            unclear[f"limit of {marker.label} by assay {item.assay}"] = None
        elif limit.value > least:
            shown, asked = (format_level(level, item.quantity) for level in (limit.value, least))
            blunt[f"{marker.label} by {item.technique} down to {shown}, {asked} is needed"] = (marker, item)
    if blunt:
        return yes(*blunt.values(), misses="; ".join(blunt))
    return unknown(*unclear) if unclear else NO


def _misses(on: OfSample) -> Iterator[tuple[Marker, Observation, Limit | None]]:
    """What was not detected in the sample though it had been before, with the limit that analysis found for it."""
    for course in on.patient.evolution.courses:
        series = course.series
        marker = on.patient.markers[series.marker]
        if series.quantity not in MRD_QUANTITIES or marker.parent:
            continue
        seen = [pair[1] for pair in on.patient.by_marker.get(marker.id, ()) if pair[1].status is Status.DETECTED]
        for point in series.points:
            was_seen = any(on.patient.order(item.sample) < point.order for item in seen)
            if point.sample == on.sample and point.status is Status.NOT_DETECTED and was_seen:
                yield marker, point.observation, point.bound


@predicate()
def has_mrd_status(on: OfSample) -> Found:
    """The guideline for MRD applies to the sample: there is a result of MRD, and morphologic remission."""
    return yes_if(on.patient.is_in_remission(on.sample))


@predicate("relapse")
def is_mrd_relapse(on: OfSample, categories: Names) -> Found:
    """The guideline for MRD names a relapse of one of these categories."""
    verdicts = on.patient.verdicts.get(on.sample, [])
    found = [verdict for verdict in verdicts if verdict.category in categories]
    if found:
        return yes(relapse="; ".join(f"{verdict.title}, {verdict.reason}" for verdict in found))
    unclear = [verdict for verdict in verdicts if verdict.category is None and categories & set(verdict.possible)]
    if unclear or not verdicts:
        tests = dict.fromkeys(test for verdict in unclear for test in verdict.deciding)
        return unknown(*tests, relapse="; ".join(f"{verdict.title}, {verdict.reason}" for verdict in unclear))
    return NO
