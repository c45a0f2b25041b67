"""Findings about a patient that are no category: discordance, possible germline variants, resistance, limits that are missing.

Each rule is one function of the patient's observations; :data:`RULES` lists them. Adding one touches this module only. What appears,
disappears or is not followed up is found from series (``moltrack.analysis``), not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from moltrack import resources
from moltrack.model import (
    Axis,
    EventType,
    Flag,
    LimitKind,
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
from moltrack.quantity import format_level
from moltrack.rules.facts import FISH_USUAL_CUTOFFS, evidence_of

#: Clonal haematopoiesis genes that NGS-MRD leaves out (Heuser, Blood 2021;138:2753).
DTA = frozenset({"DNMT3A", "TET2", "ASXL1"})

#: Genes whose variants may be inherited (Heuser, Blood 2021;138:2753; Arber, Blood 2022;140:1200).
GERMLINE_GENES = frozenset({"ANKRD26", "CEBPA", "DDX41", "ETV6", "GATA2", "RUNX1", "SAMD9", "SAMD9L", "TP53"})

#: Flow MRD counts as positive from here (Heuser, Blood 2021;138:2753).
MFC_THRESHOLD = 0.001

#: A molecular level from here beside a flow result below its threshold is called discordant [convention].
CLEARLY_POSITIVE = 0.01

ADULT = 18


@dataclass(frozen=True)
class Patient:
    """The records with the look-ups that rules share."""

    records: PatientRecords
    axis: Axis

    @cached_property
    def markers(self) -> dict[str, Marker]:
        return {marker.id: marker for marker in self.records.markers}

    @cached_property
    def order(self) -> dict[str, int]:
        return {placed.info.sample: placed.order for placed in self.axis.samples}

    @cached_property
    def everything(self) -> list[tuple[Marker, Observation]]:
        """All observations with their markers, in the order of samples; a repeated one once."""
        found = [(self.markers[item.marker], item) for item in dict.fromkeys(self.records.observations)]

        def place(pair: tuple[Marker, Observation]) -> tuple[int, str, str, str]:
            return self.order.get(pair[1].sample, 0), pair[0].id, pair[1].sample, pair[1].assay

        # The text of a whole record is long: only what stands in one place is ordered by it.
        groups = [list(group) for _, group in groupby(sorted(found, key=place), key=place)]
        return [
            pair
            for group in groups
            for pair in (group if len(group) == 1 else sorted(group, key=lambda pair: repr(pair[1])))
        ]

    @cached_property
    def observations(self) -> list[tuple[Marker, Observation]]:
        """Observations of markers that are followed."""
        return [pair for pair in self.everything if pair[0].tracked]

    @cached_property
    def variants(self) -> list[tuple[Marker, Observation]]:
        """Detected small variants, also those that are not followed."""
        return [
            pair
            for pair in self.everything
            if pair[1].status is Status.DETECTED and pair[0].kind is MarkerKind.SMALL_VARIANT
        ]

    def detected(self, gene: str = "") -> list[tuple[Marker, Observation]]:
        return [
            pair
            for pair in self.observations
            if pair[1].status is Status.DETECTED and (not gene or gene in pair[0].genes)
        ]


Rule = Callable[[Patient], Iterator[Flag]]


def flags_of(records: PatientRecords, axis: Axis) -> tuple[Flag, ...]:
    """Every flag of a patient, in the order of :data:`RULES` and of samples. The order of observations does not matter."""
    patient = Patient(records, axis)
    found: dict[tuple[str, str, str, str], Flag] = {}
    for rule in RULES:
        for flag in rule(patient):
            # A marker with two quantities in one run says the same twice.
            found.setdefault((flag.id, flag.sample, flag.marker, flag.text), flag)
    return tuple(found.values())


def minor(patient: Patient) -> Iterator[Flag]:
    """Guidelines for adults are applied to a patient under 18."""
    age = patient.records.patient.age
    if age is not None and age < ADULT:
        yield Flag(
            "minor",
            f"The patient was {age:g} at diagnosis: guidelines made for adults are applied to a minor.",
            severity="warning",
        )


def cutoff_unknown(patient: Patient) -> Iterator[Flag]:
    """A FISH level within the usual range of cutoffs whose own cutoff is not declared."""
    low, high = FISH_USUAL_CUTOFFS
    for marker, item in patient.observations:
        if "cutoff_unknown" not in item.flags or item.level is None:
            continue
        inside = item.level <= high
        text = (
            f"{marker.label} {item.level * 100:.3g} % in sample {item.sample}: the laboratory's cutoff is not declared"
        )
        text += f"; usual ones lie from {low:.0%} to {high:.0%}, so that it may be background." if inside else "."
        yield Flag(
            "cutoff_unknown",
            text,
            item.sample,
            marker.id,
            severity="warning" if inside else "info",
            answer=Truth.UNKNOWN if inside else Truth.YES,
            evidence=(evidence_of(marker, item),),
            missing=(f"cutoff of assay {item.assay}",) if inside else (),
        )


def flow_discordant(patient: Patient) -> Iterator[Flag]:
    """Flow MRD below 0.1 % while another technique clearly shows disease in the same sample."""
    for marker, item in patient.observations:
        if marker.kind is not MarkerKind.FLOW:
            continue
        low = item.status is Status.NOT_DETECTED or (item.level is not None and item.level < MFC_THRESHOLD)
        if not low or item.status is Status.NOT_EVALUABLE:
            continue
        others = [
            pair
            for pair in patient.detected()
            if pair[1].sample == item.sample
            and pair[0].kind in {MarkerKind.FUSION, MarkerKind.ITD, MarkerKind.SMALL_VARIANT}
            and not pair[0].parent
            and not set(pair[0].genes) & DTA
            and (pair[1].level is None or pair[1].level >= CLEARLY_POSITIVE)
            and "computed_from_ar" not in pair[1].flags
        ]
        if others:
            names = ", ".join(f"{other.label} {found.printed or 'detected'}" for other, found in others)
            shown = item.printed or "not detected"
            yield Flag(
                "discordant",
                f"Sample {item.sample}: {marker.label} {shown} is below 0.1 %, while {names} is detected.",
                item.sample,
                marker.id,
                severity="alert",
                evidence=tuple(evidence_of(*pair) for pair in [(marker, item), *others]),
                citation="Heuser, Blood 2021;138:2753 (methods are reported side by side, never averaged)",
            )


def contradiction(patient: Patient) -> Iterator[Flag]:
    """One marker detected by one technique and not by another in the same sample, beyond what the limits explain."""
    by_place: dict[tuple[str, str], list[tuple[Marker, Observation]]] = {}
    for marker, item in patient.observations:
        by_place.setdefault((marker.id, item.sample), []).append((marker, item))
    for (_, sample), found in by_place.items():
        shown = [pair for pair in found if pair[1].status is Status.DETECTED]
        missed = [pair for pair in found if pair[1].status is Status.NOT_DETECTED]
        for marker, miss in missed:
            limit = _bound(miss)
            for _, hit in shown:
                comparable = hit.quantity == miss.quantity and hit.level is not None and limit is not None
                if (
                    hit.assay == miss.assay
                    or not comparable
                    or hit.level is None
                    or limit is None
                    or hit.level <= limit
                ):
                    continue
                yield Flag(
                    "techniques_contradict",
                    f"{marker.label} in sample {sample}: {format_level(hit.level, hit.quantity)} by {hit.technique}, not detected by {miss.technique}, which sees down to {format_level(limit, hit.quantity)}.",
                    sample,
                    marker.id,
                    severity="warning",
                    evidence=(evidence_of(marker, hit), evidence_of(marker, miss)),
                )


def _bound(item: Observation) -> float | None:
    cutoff = item.limit(LimitKind.CUTOFF)
    return cutoff if cutoff is not None else item.limit(LimitKind.LOD)


def tp53_multi_hit(patient: Patient) -> Iterator[Flag]:
    """Two TP53 hits: two mutations, or one with loss or copy-neutral LOH of 17p (Arber, Blood 2022;140:1200; Khoury, Leukemia 2022;36:1703)."""
    by_sample: dict[str, list[tuple[Marker, Observation]]] = {}
    for marker, item in patient.detected():
        if "TP53" in marker.lesions or "minus17_abn17p" in marker.lesions or marker.id == "TP53 CN-LOH":
            by_sample.setdefault(item.sample, []).append((marker, item))
    for sample, found in by_sample.items():
        mutations = {marker.id for marker, _ in found if "TP53" in marker.lesions}
        losses = {marker.id for marker, _ in found if "TP53" not in marker.lesions}
        if len(mutations) >= 2 or (mutations and losses):
            yield Flag(
                "tp53_multi_hit",
                f"Two hits of TP53 in sample {sample}: {len(mutations)} mutation(s)"
                + (" and loss or LOH of 17p." if losses else "."),
                sample,
                severity="alert",
                evidence=tuple(evidence_of(*pair) for pair in found),
                citation="Arber, Blood 2022;140:1200; Khoury, Leukemia 2022;36:1703",
            )


def possible_germline(patient: Patient) -> Iterator[Flag]:
    """A variant near 50 % or 100 % in every sample, remission included, of a gene with inherited variants."""
    by_marker: dict[str, list[tuple[Marker, Observation]]] = {}
    for marker, item in patient.detected():
        if marker.kind is MarkerKind.SMALL_VARIANT and item.quantity == "vaf" and item.level is not None:
            by_marker.setdefault(marker.id, []).append((marker, item))
    for found in by_marker.values():
        marker = found[0][0]
        levels = [item.level for _, item in found if item.level is not None]
        samples = {item.sample for _, item in found}
        steady = len(samples) >= 2 and all(0.4 <= level <= 0.6 or level >= 0.9 for level in levels)
        if steady and set(marker.genes) & GERMLINE_GENES:
            yield Flag(
                "possible_germline",
                f"{marker.label} stays near {levels[0] * 100:.0f} % in {len(samples)} samples and may be inherited; a germline sample would tell.",
                found[-1][1].sample,
                marker.id,
                severity="warning",
                evidence=tuple(evidence_of(*pair) for pair in found),
                citation="Heuser, Blood 2021;138:2753",
            )


def chip_like(patient: Patient) -> Iterator[Flag]:
    """A DNMT3A, TET2 or ASXL1 variant: clonal haematopoiesis genes are no MRD markers by NGS."""
    seen: dict[str, list[tuple[Marker, Observation]]] = {}
    for marker, item in patient.detected():
        if marker.kind is MarkerKind.SMALL_VARIANT and set(marker.genes) & DTA:
            seen.setdefault(marker.id, []).append((marker, item))
    for found in seen.values():
        marker, last = found[-1]
        persists = len({item.sample for _, item in found}) > 1
        text = f"{marker.label}: {marker.genes[0]} is a gene of clonal haematopoiesis and is left out of NGS-MRD"
        yield Flag(
            "chip_gene",
            text + (f"; it is still detected in sample {last.sample}." if persists else "."),
            last.sample,
            marker.id,
            evidence=tuple(evidence_of(*pair) for pair in found),
            citation="Heuser, Blood 2021;138:2753",
        )


def resistance(patient: Patient) -> Iterator[Flag]:
    """A mutation known to make a drug fail, first seen in a sample after that drug was begun."""
    begun = _drugs_begun(patient)
    first_seen = {marker.id: patient.order.get(item.sample, 0) for marker, item in reversed(patient.variants)}
    for known in RESISTANCE:
        for drug, (order, name) in begun.items():
            if drug.drug_class != known.drug_class or known.target not in drug.target:
                continue
            for marker, item in patient.variants:
                seen = patient.order.get(item.sample, 0)
                if seen == first_seen[marker.id] > order and known.is_hit(marker):
                    yield Flag(
                        "resistance",
                        f"{marker.label} is first seen in sample {item.sample}, after {name} was begun: {known.why} ({known.source}).",
                        item.sample,
                        marker.id,
                        severity="alert",
                        evidence=(evidence_of(marker, item),),
                        citation=known.source,
                    )


def _drugs_begun(patient: Patient) -> dict[resources.Drug, tuple[float, str]]:
    """Every drug that was given, with its earliest place among the samples and the name it was recorded by."""
    begun: dict[resources.Drug, tuple[float, str]] = {}
    for placed in patient.axis.events:
        if placed.event.planned:
            continue
        for name in placed.event.drugs or (placed.event.name,):
            drug = resources.drug_named(name)
            if drug is not None and (drug not in begun or placed.order < begun[drug][0]):
                begun[drug] = (placed.order, name)
    return begun


@dataclass(frozen=True)
class Resistance:
    """What makes the drugs of a class (and ``target``, where only some of them) fail.

    ``residues`` None = any variant of these genes that is followed; the residues named count also when the variant is not followed.
    """

    drug_class: str
    genes: frozenset[str]
    why: str
    source: str
    residues: frozenset[int] | None = None
    target: str = ""

    def is_hit(self, marker: Marker) -> bool:
        if not self.genes & set(marker.genes):
            return False
        return marker.tracked if self.residues is None else _residue(marker) in self.residues


def _residue(marker: Marker) -> int | None:
    """The first residue that a small variant changes, from its protein name."""
    name = marker.finding.hgvs_p if isinstance(marker.finding, SmallVariant) else ""
    match = re.search(r"p\.\(?[A-Z][a-z]{0,2}(\d+)", name)
    return int(match[1]) if match else None


_RAS = frozenset({"NRAS", "KRAS"})
RESISTANCE = (
    Resistance(
        "FLT3 inhibitor",
        frozenset({"FLT3"}),
        "a mutation of the gatekeeper residue F691 makes FLT3 inhibitors fail",
        "Smith, Nature 2012;485:260",
        frozenset({691}),
    ),
    Resistance(
        "FLT3 inhibitor",
        frozenset({"FLT3"}),
        "mutations of the activation loop make type II FLT3 inhibitors fail",
        "Smith, Nature 2012;485:260",
        frozenset({835, 836, 842}),
        target="type II",
    ),
    Resistance(
        "FLT3 inhibitor",
        _RAS | {"PTPN11"},
        "RAS-pathway mutations emerge under FLT3 inhibitors",
        "McMahon, Cancer Discov 2019;9:1050",
    ),
    Resistance(
        "IDH1 inhibitor",
        frozenset({"IDH1"}),
        "a second-site mutation of IDH1 keeps ivosidenib from binding",
        "Intlekofer, Nature 2018;559:125",
        frozenset({280}),
    ),
    Resistance(
        "IDH2 inhibitor",
        frozenset({"IDH2"}),
        "a second-site mutation of IDH2 keeps enasidenib from binding",
        "Intlekofer, Nature 2018;559:125",
        frozenset({316, 319}),
    ),
    Resistance(
        "IDH1 inhibitor",
        frozenset({"IDH2"}),
        "switching from IDH1 to IDH2 escapes an IDH1 inhibitor",
        "Harding, Cancer Discov 2018;8:1540",
    ),
    Resistance(
        "IDH2 inhibitor",
        frozenset({"IDH1"}),
        "switching from IDH2 to IDH1 escapes an IDH2 inhibitor",
        "Harding, Cancer Discov 2018;8:1540",
    ),
    Resistance(
        "IDH1 inhibitor", _RAS | {"PTPN11"}, "RAS-pathway mutations make ivosidenib fail", "Choe, Blood Adv 2020;4:1894"
    ),
    Resistance("IDH2 inhibitor", _RAS, "RAS-pathway mutations make enasidenib fail", "Amatangelo, Blood 2017;130:732"),
)


def antigen_loss(patient: Patient) -> Iterator[Flag]:
    """An antigen that fell below half of what it was, on the same population by the same assay [convention]."""
    series: dict[tuple[str, str], list[tuple[Marker, Observation]]] = {}
    for marker, item in patient.observations:
        if marker.kind is MarkerKind.ANTIGEN and item.level is not None:
            series.setdefault((marker.id, item.assay), []).append((marker, item))
    for found in series.values():
        first, last = found[0][1], found[-1][1]
        if first.level and last.level is not None and last.level < first.level / 2:
            yield Flag(
                "antigen_loss",
                f"{found[0][0].label} fell from {first.printed} (sample {first.sample}) to {last.printed} (sample {last.sample}).",
                last.sample,
                found[0][0].id,
                severity="alert",
                evidence=tuple(evidence_of(*pair) for pair in found),
            )


def after_transplant(patient: Patient) -> Iterator[Flag]:
    """A variant first seen after a transplant may be the donor's."""
    transplant = next((p for p in patient.axis.events if p.event.type is EventType.TRANSPLANT), None)
    if transplant is None:
        return
    after = {
        placed.info.sample
        for placed in patient.axis.samples
        if placed.order > transplant.order
        or (placed.info.phase is not None and placed.info.phase.kind is PhaseKind.POST_HCT)
    }
    before = {marker.id for marker, item in patient.detected() if item.sample not in after}
    for marker, item in patient.detected():
        if marker.kind is MarkerKind.SMALL_VARIANT and item.sample in after and marker.id not in before:
            yield Flag(
                "donor_possible",
                f"{marker.label} is first seen after the transplant (sample {item.sample}): it may be of the donor.",
                item.sample,
                marker.id,
                severity="warning",
                evidence=(evidence_of(marker, item),),
            )


def limit_unknown(patient: Patient) -> Iterator[Flag]:
    """A miss whose limit nobody states: "not detected" without "down to"."""
    for marker, item in patient.observations:
        stated = item.limits or item.counts.depth or item.counts.cells_total
        if (
            item.status is Status.NOT_DETECTED
            and not stated
            and marker.kind not in {MarkerKind.BLASTS, MarkerKind.REPORTED}
        ):
            yield Flag(
                "limit_unknown",
                f"{marker.label} is not detected in sample {item.sample}, but the limit of assay {item.assay} is not known.",
                item.sample,
                marker.id,
                answer=Truth.UNKNOWN,
                evidence=(evidence_of(marker, item),),
                missing=(f"limit of detection of assay {item.assay}",),
            )


def reported_limit_unknown(patient: Patient) -> Iterator[Flag]:
    """ "MRD negative" as a conclusion, without technique or limit."""
    for marker, item in patient.observations:
        if marker.kind is MarkerKind.REPORTED and "mrd" in marker.label.lower() and item.status is Status.NOT_DETECTED:
            yield Flag(
                "reported_mrd",
                f"{marker.label}: {item.text} in sample {item.sample} is recorded without its technique and limit; it is shown, not computed.",
                item.sample,
                marker.id,
                answer=Truth.UNKNOWN,
                evidence=(evidence_of(marker, item),),
                missing=("technique and limit of the MRD test",),
            )


def ratio_from_sequencing(patient: Patient) -> Iterator[Flag]:
    """An FLT3-ITD ratio from sequencing is no fragment analysis (Döhner, Blood 2017;129:424)."""
    for marker, item in patient.observations:
        if "ar_from_ngs" in item.flags and item.quantity == "allelic_ratio" and not marker.parent:
            yield Flag(
                "ar_from_ngs",
                f"The allelic ratio of {marker.label} in sample {item.sample} is from {item.technique}, which underestimates longer duplications.",
                item.sample,
                marker.id,
                evidence=(evidence_of(marker, item),),
                citation="Döhner, Blood 2017;129:424 (DNA fragment analysis)",
            )


def caller_level_differs(patient: Patient) -> Iterator[Flag]:
    """The caller's own fraction differs from the counts by more than 0.02 and 20 %."""
    for marker, item in patient.observations:
        if item.caller_level is None or item.level is None or item.level == 0:
            continue
        difference = abs(item.caller_level - item.level)
        if difference > 0.02 and difference > 0.2 * item.level:
            yield Flag(
                "caller_level_differs",
                f"{marker.label} in sample {item.sample}: the caller says {item.caller_level:.3g}, its counts {item.level:.3g} ({item.formula}).",
                item.sample,
                marker.id,
                evidence=(evidence_of(marker, item),),
            )


def reported_not_read(patient: Patient) -> Iterator[Flag]:
    """A conclusion that a guideline would want the finding of ("complex" without a karyotype)."""
    for marker, item in patient.observations:
        if (
            marker.kind is MarkerKind.REPORTED
            and item.technique in {Technique.ARRAY, Technique.KARYOTYPE}
            and "karyotype" in marker.label.lower()
        ):
            yield Flag(
                "reported_only",
                f"{marker.label}: '{item.text}' in sample {item.sample} is a conclusion without its finding; no rule reads it.",
                item.sample,
                marker.id,
                answer=Truth.UNKNOWN,
                evidence=(evidence_of(marker, item),),
                missing=("the karyotype as an ISCN string",),
            )


RULES: tuple[Rule, ...] = (
    minor,
    flow_discordant,
    contradiction,
    cutoff_unknown,
    tp53_multi_hit,
    resistance,
    antigen_loss,
    possible_germline,
    chip_like,
    after_transplant,
    ratio_from_sequencing,
    caller_level_differs,
    reported_not_read,
    reported_limit_unknown,
    limit_unknown,
)
