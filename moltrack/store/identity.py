"""Is it the same person? Samples compared by the germline-like alleles that their files happen to hold.

Variant files of tumours keep inherited alleles: heterozygous ones near 50 %, homozygous ones near 100 %. Two samples of one
person share nearly all of them, also years apart; samples of two persons share only the common ones. What a file does not
hold says nothing, so only alleles stated by runs of the same assay are compared, and few alleles give no answer.

The bounds are conventions of this program, not of a guideline: VAF 0.35 to 0.65 heterozygous, from 0.9 homozygous (a
leukaemia's own mutations lie there too: a few differences are expected); at least 10 alleles in each sample; concordance
from 0.75 the same person, up to 0.5 two persons. After an allogeneic transplant the blood has the donor's genotype: a
difference is then what one hopes for, not a swap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from moltrack.model import (
    Call,
    EventType,
    PatientInput,
    PhaseKind,
    SampleInfo,
    SmallVariant,
    Technique,
)

HETEROZYGOUS = (0.35, 0.65)
HOMOZYGOUS = 0.9
MIN_ALLELES = 10
MIN_DEPTH = 20
SAME_FROM = 0.75
DIFFERENT_TO = 0.5

#: FILTER entries that do not doubt the allele, only that it is somatic.
_GERMLINE_FILTERS = frozenset(
    {"PASS", "germline", "panel_of_normals", "germline_risk", "alt_allele_in_normal", "Germline"}
)


@dataclass(frozen=True, slots=True)
class Genotypes:
    """The germline-like alleles of one sample: (assay, allele) -> ``het`` or ``hom``.

    ``after_transplant`` True when the sample was taken after an allogeneic transplant.
    """

    patient: str
    sample: str
    alleles: dict[tuple[str, str], str] = field(hash=False)
    after_transplant: bool = False

    @property
    def name(self) -> str:
        return f"{self.patient}/{self.sample}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two samples: ``shared`` of ``compared`` alleles have the same genotype in both.

    ``verdict`` is ``same``, ``different`` or ``unclear``.
    """

    one: Genotypes
    other: Genotypes
    shared: int
    compared: int

    @property
    def concordance(self) -> float:
        """Fraction 0-1."""
        return self.shared / self.compared

    @property
    def verdict(self) -> str:
        if self.concordance >= SAME_FROM:
            return "same"
        return "different" if self.concordance <= DIFFERENT_TO else "unclear"

    def __str__(self) -> str:
        return f"{self.shared} of {self.compared} germline-like alleles ({self.concordance:.0%})"


def genotypes(inputs: PatientInput) -> tuple[Genotypes, ...]:
    """The germline-like alleles of each sample of a patient that has any."""
    samples = {info.sample: info for info in inputs.samples}
    found: dict[str, dict[tuple[str, str], str]] = {}
    for item in inputs.runs:
        if item.run.technique is not Technique.DNA_SEQUENCING:
            continue
        for call in item.calls:
            genotype = _genotype(call)
            if genotype:
                found.setdefault(item.run.sample, {})[(item.run.assay, _allele(call))] = genotype
    return tuple(
        Genotypes(inputs.patient.patient, name, alleles, _is_after_transplant(samples[name], inputs))
        for name, alleles in sorted(found.items())
    )


def _genotype(call: Call) -> str:
    finding = call.finding
    if not isinstance(finding, SmallVariant) or not finding.chrom or finding.pos is None:
        return ""
    if not set(call.filters) <= _GERMLINE_FILTERS or (call.counts.depth or MIN_DEPTH) < MIN_DEPTH:
        return ""
    level = _vaf(call)
    if level is None:
        return ""
    if level >= HOMOZYGOUS:
        return "hom"
    return "het" if HETEROZYGOUS[0] <= level <= HETEROZYGOUS[1] else ""


def _vaf(call: Call) -> float | None:
    from moltrack.quantity import canonical_level

    printed = next((level for level in call.levels if level.quantity == "vaf"), None)
    return None if printed is None else canonical_level(printed)


def _allele(call: Call) -> str:
    finding = call.finding
    assert isinstance(finding, SmallVariant)
    return f"{finding.build}:{finding.chrom}:{finding.pos}:{finding.ref}:{finding.alt}"


def _is_after_transplant(info: SampleInfo, inputs: PatientInput) -> bool:
    """Stated by the phase, or the sample's date lies after that of a transplant."""
    if info.phase is not None and info.phase.kind is PhaseKind.POST_HCT:
        return True
    for event in inputs.events:
        if event.type is EventType.TRANSPLANT and "auto" not in event.name.lower():
            if info.time.first is not None and event.start.last is not None and info.time.first > event.start.last:
                return True
            same_scale = info.time.day_first is not None and event.is_anchor and not info.time.anchor
            if same_scale and info.time.day_first is not None and info.time.day_first > 0:
                return True
    return False


def compare(one: Genotypes, other: Genotypes) -> Comparison | None:
    """Two samples by the assays that both have; None when either has too few alleles there."""
    assays = {assay for assay, _ in one.alleles} & {assay for assay, _ in other.alleles}
    mine = {key: value for key, value in one.alleles.items() if key[0] in assays}
    theirs = {key: value for key, value in other.alleles.items() if key[0] in assays}
    if min(len(mine), len(theirs)) < MIN_ALLELES:
        return None
    shared = sum(theirs.get(key) == value for key, value in mine.items())
    return Comparison(one, other, shared, len(mine.keys() | theirs.keys()))


def within(samples: Sequence[Genotypes]) -> tuple[str, ...]:
    """Sentences about samples of one patient that do not look like one person's."""
    remarks = []
    telling = [sample for sample in samples if len(sample.alleles) >= MIN_ALLELES]
    for number, one in enumerate(telling):
        for other in telling[number + 1 :]:
            found = compare(one, other)
            if found is None or found.verdict == "same":
                continue
            where = f"samples {one.sample} and {other.sample} of patient {one.patient} share {found}"
            if one.after_transplant != other.after_transplant:
                if found.verdict == "different":
                    remarks.append(f"{where}: expected after an allogeneic transplant (donor genotype).")
            elif found.verdict == "different":
                remarks.append(f"{where}: they look like two persons. Is one of them swapped?")
            else:
                remarks.append(f"{where}: it is not clear that they are of one person.")
    return tuple(remarks)


def between(samples: Iterable[Genotypes], others: Iterable[Genotypes]) -> tuple[str, ...]:
    """Sentences about samples of different patients that look like one person's."""
    mine = list(samples)
    remarks = []
    for other in others:
        for one in mine:
            if one.patient == other.patient:
                continue
            found = compare(one, other)
            if found is not None and found.verdict == "same":
                remarks.append(
                    f"samples {one.name} and {other.name} share {found}: they look like one person's under two names, "
                    "or one of them is swapped."
                )
    return tuple(remarks)
