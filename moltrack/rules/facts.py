"""From observations to what a risk guideline reads.

An observation that is detected answers YES for the lesions of its marker, one that is not detected NO; everything else leaves the input
unknown. What one technique cannot settle (a FISH level within the usual range of cutoffs, a ratio from sequencing) stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from moltrack.model import (
    Axis,
    EventType,
    Evidence,
    Marker,
    MarkerKind,
    Observation,
    PatientRecords,
    PhaseKind,
    SmallVariant,
    Status,
    Technique,
    Truth,
)
from moltrack.rules.inputs import KMT2A_PARTNERS, Inputs, Number

#: Usual cutoffs of FISH for deletions and monosomies differ by laboratory within this range; without a declared one a level in it is open.
FISH_USUAL_CUTOFFS = (0.05, 0.10)

#: Flags that keep a detection from answering YES.
OPEN_FLAGS = frozenset({"unconfirmed", "bzip_boundary"})

#: Drugs (references/drugs.tsv spells their synonyms) whose combination the less-intensive guideline asks for.
AZACITIDINE, IVOSIDENIB = "azacitidine", "ivosidenib"

HMA = frozenset({"azacitidine", "decitabine", "guadecitabine", "decitabine/cedazuridine"})


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


def inputs_of(records: PatientRecords, samples: Sequence[str]) -> Inputs:
    """The inputs of all rule sets from what was observed in these samples."""
    markers = {marker.id: marker for marker in records.markers}
    wanted = set(samples)
    by_lesion: dict[str, list[tuple[Marker, Observation]]] = {}
    for item in records.observations:
        if item.sample in wanted and (marker := markers.get(item.marker)) is not None:
            for lesion in marker.lesions:
                by_lesion.setdefault(lesion, []).append((marker, item))
    answers: dict[str, Truth] = {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    notes: dict[str, str] = {}
    for lesion, found in by_lesion.items():
        answers[lesion], evidence[lesion], notes[lesion] = _answer(found)
    numbers = _numbers(by_lesion, markers, records, wanted)
    ivosidenib, treated = _azacitidine_ivosidenib(records)
    answers["aza_ivo"] = ivosidenib
    if treated:
        evidence["aza_ivo"] = treated
    pretreated = records.patient.hma_pretreated
    if pretreated is not None:
        answers["hma_pretreated"] = Truth.YES if pretreated else Truth.NO
    _close_kmt2a(answers)
    return Inputs(answers, numbers, evidence, notes, age=records.patient.age)


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
        return Truth.UNKNOWN if about_one_variant else Truth.NO
    if item.status is Status.NOT_EVALUABLE:
        return Truth.UNKNOWN
    if OPEN_FLAGS & {*item.flags, *marker.flags}:
        return Truth.UNKNOWN
    if "cutoff_unknown" in item.flags and item.level is not None and item.level <= FISH_USUAL_CUTOFFS[1]:
        return Truth.UNKNOWN
    return Truth.YES


def _note(found: Sequence[tuple[Marker, Observation]]) -> str:
    said: dict[str, None] = {}
    for _, item in found:
        if "cutoff_unknown" in item.flags and item.level is not None and item.level <= FISH_USUAL_CUTOFFS[1]:
            said["the level lies within the usual range of cutoffs (5-10 %) and the laboratory's is not declared"] = (
                None
            )
        if "unconfirmed" in item.flags:
            said["the call is out of frame or of low confidence"] = None
        if "bzip_boundary" in item.flags:
            said["whether it lies in the bZIP depends on the boundary taken"] = None
        for flag, words in (
            ("by_fish", "by FISH"),
            ("by_array", "by copy number"),
            ("cryptic_possible", "a cryptic form is not excluded by banding"),
        ):
            if flag in item.flags:
                said[words] = None
    return "; ".join(said)


def _evidence(found: Iterable[tuple[Marker, Observation]]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(evidence_of(marker, item) for marker, item in found))


def evidence_of(marker: Marker, item: Observation) -> Evidence:
    """One observation in words, with file and line."""
    shown = item.printed or item.text
    status = str(item.status).replace("_", " ")
    text = f"{marker.label}: {status}" + (f" ({shown})" if shown else "") + f", {item.technique} [{item.assay}]"
    return Evidence(text, item.sample, marker.id, ", ".join(str(origin) for origin in item.origins))


def _numbers(
    by_lesion: dict[str, list[tuple[Marker, Observation]]],
    markers: dict[str, Marker],
    records: PatientRecords,
    samples: set[str],
) -> dict[str, Number]:
    numbers: dict[str, Number] = {}
    vafs = [
        item
        for _, item in by_lesion.get("TP53", [])
        if item.status is Status.DETECTED and item.quantity == "vaf" and item.level is not None
    ]
    if vafs:
        highest = max(vafs, key=lambda item: item.level or 0)
        assert highest.level is not None
        numbers["TP53_VAF"] = Number(highest.level, highest.level, highest.printed or f"{highest.level:.3g}")
    ratio = _allelic_ratio([item for _, item in by_lesion.get("FLT3_ITD", [])], markers, records, samples)
    if ratio is not None:
        numbers["FLT3_ITD_AR"] = ratio
    return numbers


def _allelic_ratio(
    found: Sequence[Observation], markers: dict[str, Marker], records: PatientRecords, samples: set[str]
) -> Number | None:
    """The ratio to be compared with 0.5, as an interval where it cannot be told exactly.

    Fragment analysis counts as printed (with its rounding); with several clones the interval reaches from the largest single ratio to
    the sum, since the text is silent on summing; a ratio from sequencing underestimates, so one below 0.5 leaves the upper end open
    unless the assay was validated (Döhner, Blood 2017;129:424: DNA fragment analysis).
    """
    ratios = [
        item
        for item in found
        if item.status is Status.DETECTED and item.quantity == "allelic_ratio" and item.level is not None
    ]
    fragment = [
        item for item in ratios if item.technique is Technique.FRAGMENT_ANALYSIS or "ar_from_ngs" not in item.flags
    ]
    chosen = fragment or ratios
    if not chosen:
        return None
    item = max(chosen, key=lambda observation: observation.level or 0)
    assert item.level is not None
    low = high = item.level
    if "sum_of_clones" in item.flags:
        parents = {marker.id for marker in markers.values() if marker.parent == item.marker}
        singles = [
            other.level
            for other in records.observations
            if other.marker in parents
            and (other.sample, other.assay) == (item.sample, item.assay)
            and other.quantity == "allelic_ratio"
            and other.level
        ]
        low = max(singles, default=low)
    if "ar_rounding" in item.flags:
        low, high = min(low, 0.5 - 1e-9), max(high, 0.5 + 1e-9)
    valid = {assay.id for assay in records.assays if assay.valid_allelic_ratio}
    if "ar_from_ngs" in item.flags and item.assay not in valid and low < 0.5:
        high = max(high, 1.0)
    return Number(low, high, item.printed or f"{item.level:.3g}")


def _azacitidine_ivosidenib(records: PatientRecords) -> tuple[Truth, tuple[Evidence, ...]]:
    """Whether both were given together; unknown as long as no treatment is recorded."""
    treatments = [event for event in records.events if event.type is EventType.TREATMENT]
    if not treatments:
        return Truth.UNKNOWN, ()
    for event in treatments:
        drugs = {drug.lower() for drug in event.drugs}
        if {AZACITIDINE, IVOSIDENIB} <= drugs:
            return Truth.YES, (Evidence(f"{event.name} ({event.start})", origin=f"events:{event.line}"),)
    return Truth.NO, tuple(Evidence(f"{event.name} ({event.start})") for event in treatments[:1])


def _close_kmt2a(answers: dict[str, Truth]) -> None:
    """A break-apart probe that is normal excludes every partner of KMT2A."""
    if answers.get("kmt2a_r_partner_unknown") is Truth.NO:
        for name in KMT2A_PARTNERS:
            answers.setdefault(name, Truth.NO)
