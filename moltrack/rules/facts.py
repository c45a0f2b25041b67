"""From observations to what a risk guideline reads.

An observation that is detected answers YES for the lesions of its marker, one that is not detected NO; everything else leaves the input
unknown. What one technique cannot settle (a FISH level within the usual range of cutoffs, a ratio from sequencing) stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from moltrack import resources
from moltrack.model import (
    Axis,
    Event,
    EventType,
    Evidence,
    Marker,
    MarkerKind,
    Observation,
    PatientRecords,
    PhaseKind,
    SmallVariant,
    Status,
    Truth,
)
from moltrack.rules.inputs import KMT2A_PARTNERS, Inputs
from moltrack.rules.measured import by_lesion, flt3_itd_ratio, tp53_vaf
from moltrack.rules.reported import reported
from moltrack.rules.therapy import azacitidine_ivosidenib

#: A variant below this may be of clonal haematopoiesis: no guideline gives a floor for genes other than TP53 [convention].
LOW_VAF = 0.02

#: Flags of observations and markers that are told beside an answer.
NOTES = {
    "unconfirmed": "the call is out of frame or of low confidence",
    "bzip_boundary": "whether it lies in the bZIP depends on the boundary taken",
    "by_fish": "by FISH",
    "by_array": "by copy number",
    "band_only": "by bands alone, without a test of the genes",
    "reciprocal_only": "only the reciprocal fusion was seen",
    "cryptic_possible": "a cryptic form is not excluded by banding",
    "germline_possible": "possibly inherited",
    "class_disagrees": "the laboratory's class and the variant's kind disagree",
    "ar_from_ngs": "ratio by sequencing, which underestimates",
    "ar_rounding": "the printed digits do not settle the ratio",
    "sum_of_clones": "several duplications: the text does not say whether their ratios are summed",
}

#: Flags that keep a detection from answering YES.
OPEN_FLAGS = frozenset({"unconfirmed", "bzip_boundary"})


def diagnosis_samples(records: PatientRecords, axis: Axis) -> tuple[tuple[str, ...], str]:
    """The samples that a guideline for diagnosis is judged on, and a note where that is not their phase.

    Samples of phase diagnosis; where no sample has a phase, the first one.
    """
    chosen = tuple(s.info.sample for s in axis.samples if s.info.phase and s.info.phase.kind is PhaseKind.DIAGNOSIS)
    if chosen:
        return chosen, ""
    if axis.samples and not any(s.info.phase for s in axis.samples):
        first = axis.samples[0].info.sample
        return (first,), f"No sample has a phase; the first one ('{first}') is taken as the diagnosis."
    return (), "No sample has the phase diagnosis."


def therapies_of(axis: Axis, samples: Sequence[str]) -> tuple[Event, ...]:
    """The treatments of the disease that these samples show: up to the next relapse, and for samples of a relapse from it on.

    A risk category is of the therapy that follows the diagnosis; what was given for a relapse years later is no part of it [reading].
    """
    judged = [placed for placed in axis.samples if placed.info.sample in samples]
    start = max((placed.order for placed in judged), default=0.0)
    relapses = [event.order for event in axis.events if event.event.type is EventType.RELAPSE]
    relapses += [
        placed.order for placed in axis.samples if placed.info.phase and placed.info.phase.kind is PhaseKind.RELAPSE
    ]
    until = min((order for order in relapses if order > start), default=float("inf"))
    at_relapse = [
        placed.order for placed in judged if placed.info.phase and placed.info.phase.kind is PhaseKind.RELAPSE
    ]
    since = min(at_relapse, default=float("-inf"))
    return tuple(event.event for event in axis.events if since <= event.order < until)


def inputs_of(records: PatientRecords, samples: Sequence[str], therapies: Iterable[Event] | None = None) -> Inputs:
    """The inputs of all risk guidelines from what was observed in these samples. The order of observations does not matter.

    Parameters
    ----------
    therapies
        The treatments that count as given to the disease of these samples; None = all of the patient.
    """
    markers = {marker.id: marker for marker in records.markers}
    found = by_lesion(records, samples, markers)
    answers: dict[str, Truth] = {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    notes: dict[str, str] = {}
    for lesion, pairs in found.items():
        answers[lesion], evidence[lesion], notes[lesion] = _answer(pairs)
    numbers = {
        "TP53_VAF": tp53_vaf(found.get("TP53", ())),
        "FLT3_ITD_AR": flt3_itd_ratio(found.get("FLT3_ITD", ()), records),
    }
    answers["aza_ivo"], evidence["aza_ivo"] = azacitidine_ivosidenib(records.events if therapies is None else therapies)
    pretreated = records.patient.hma_pretreated
    if pretreated is not None:
        answers["hma_pretreated"] = Truth.YES if pretreated else Truth.NO
    _close_kmt2a(answers)
    notes["FLT3_ITD_AR"] = _note([pair for pair in found.get("FLT3_ITD", ()) if pair[1].quantity == "allelic_ratio"])
    concluded, reports = reported(records, samples)
    for name, sources in reports.items():
        evidence[name] = (*evidence.get(name, ()), *sources)
    known = {name: number for name, number in numbers.items() if number is not None}
    return Inputs(answers, known, evidence, notes, age=records.patient.age, reported=concluded)


def _answer(found: Sequence[tuple[Marker, Observation]]) -> tuple[Truth, tuple[Evidence, ...], str]:
    """YES when one observation shows it, NO when one adequate test did not, else UNKNOWN, with the observations read."""
    yes = [pair for pair in found if _speaks(*pair) is Truth.YES]
    if yes:
        return Truth.YES, _evidence(yes), _note(yes)
    no = [pair for pair in found if _speaks(*pair) is Truth.NO]
    undecided = [pair for pair in found if pair not in no]
    doubtful = [pair for pair in undecided if pair[1].status is Status.DETECTED]
    if no and not doubtful:
        return Truth.NO, _evidence(no), _note(no)
    return Truth.UNKNOWN, _evidence(undecided or no), _note(undecided)


def _speaks(marker: Marker, item: Observation) -> Truth:
    """What one observation answers about the lesions of its marker."""
    if item.status is Status.NOT_DETECTED:
        # One variant that is not there says nothing of the rest of its gene.
        about_one_variant = marker.kind is MarkerKind.SMALL_VARIANT and isinstance(marker.finding, SmallVariant)
        return Truth.UNKNOWN if about_one_variant or _is_one_partner(marker) else Truth.NO
    if item.status is Status.NOT_EVALUABLE:
        return Truth.UNKNOWN
    if OPEN_FLAGS & {*item.flags, *marker.flags}:
        return Truth.UNKNOWN
    if _may_be_background(item):
        return Truth.UNKNOWN
    return Truth.YES


def _may_be_background(item: Observation) -> bool:
    """True for a FISH level whose cutoff is not declared, and that does not lie above the usual ones."""
    return "cutoff_unknown" in item.flags and item.level is not None and item.level <= usual_cutoffs()[1]


@cache
def usual_cutoffs() -> tuple[float, float]:
    """The range of the cutoffs that laboratories have for losses by FISH, as the flag rules of the references give it."""
    # Flags rest on the evidence of this module.
    from moltrack.rules.flags.file import load_flags

    thresholds = load_flags().thresholds
    return thresholds["usual_cutoff_low"], thresholds["usual_cutoff_high"]


def _is_one_partner(marker: Marker) -> bool:
    """True for one fusion of a lesion that any partner makes: its absence does not exclude the others (KMT2A::AFF1)."""
    known = resources.lesions()
    names_a_pair = marker.kind is MarkerKind.FUSION and len(marker.genes) == 2
    return names_a_pair and any(
        lesion in known and known[lesion].partner_of and known[lesion].marker != marker.id for lesion in marker.lesions
    )


def _note(found: Sequence[tuple[Marker, Observation]]) -> str:
    """What a reader should know of these observations, as one sentence's worth."""
    said: dict[str, None] = {}
    for marker, item in found:
        if _may_be_background(item):
            low, high = (f"{share * 100:g}" for share in usual_cutoffs())
            words = f"the level is not above the usual range of cutoffs ({low}-{high} %) and the laboratory's is not declared"
            said[words] = None
        if marker.kind is MarkerKind.SMALL_VARIANT and item.quantity == "vaf" and (item.level or 1) < LOW_VAF:
            said["VAF below 2 %, as in clonal haematopoiesis"] = None
        said |= dict.fromkeys(words for flag, words in NOTES.items() if flag in {*item.flags, *marker.flags})
    return "; ".join(said)


def _evidence(found: Iterable[tuple[Marker, Observation]]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(evidence_of(marker, item) for marker, item in found))


def evidence_of(marker: Marker, item: Observation) -> Evidence:
    """One observation in words, with file and line."""
    shown = item.printed or item.text
    status = str(item.status).replace("_", " ")
    text = f"{marker.label}: {status}" + (f" ({shown})" if shown else "") + f", {item.technique} [{item.assay}]"
    return Evidence(text, item.sample, marker.id, ", ".join(str(origin) for origin in item.origins))


def _close_kmt2a(answers: dict[str, Truth]) -> None:
    """A break-apart probe that is normal excludes every partner of KMT2A."""
    if answers.get("kmt2a_r_partner_unknown") is Truth.NO:
        for name in KMT2A_PARTNERS:
            answers.setdefault(name, Truth.NO)
