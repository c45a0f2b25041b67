"""Is it the same person? Samples compared by what their files happen to hold.

Inherited alleles: variant files of tumours keep them, heterozygous ones near 50 %, homozygous ones near 100 %. Two samples of one
person share nearly all of them, also years apart; samples of two persons share only the common ones. What a file does not
hold says nothing, so only alleles stated by runs of the same assay are compared, and few alleles give no answer.

Private markers (see ``private``): the leukaemia's own. Two patients who share one may be one person under two names. Samples of
one patient need not share any: in remission they are gone, and a relapse may come from another clone. It is remarked only when
both samples have several, none is common, and the inherited alleles do not say that it is one person.

The bounds are conventions of this program, not of a guideline: VAF 0.35 to 0.65 heterozygous, from 0.9 homozygous (a
leukaemia's own mutations lie there too: a few differences are expected); at least 10 alleles in each sample; concordance
from 0.75 the same person, up to 0.5 two persons. After an allogeneic transplant the blood has the donor's genotype: a
difference is then what one hopes for, not a swap. A private marker that a third patient has too is an artefact of the method or
common in the disease, and not used; "several" are two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
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
from moltrack.store.private import private_marker

HETEROZYGOUS = (0.35, 0.65)
HOMOZYGOUS = 0.9
MIN_ALLELES = 10
MIN_DEPTH = 20
MIN_PRIVATE = 2
SAME_FROM = 0.75
DIFFERENT_TO = 0.5

#: FILTER entries that do not doubt the allele, only that it is somatic.
_GERMLINE_FILTERS = frozenset(
    {"PASS", "germline", "panel_of_normals", "germline_risk", "alt_allele_in_normal", "Germline"}
)


@dataclass(frozen=True, slots=True)
class Genotypes:
    """The germline-like alleles of one sample: (assay, allele) -> ``het`` or ``hom``; and its private markers by assay.

    ``after_transplant`` True when the sample was taken after an allogeneic transplant.
    """

    patient: str
    sample: str
    alleles: dict[tuple[str, str], str] = field(hash=False)
    after_transplant: bool = False
    private: dict[str, frozenset[str]] = field(default_factory=dict, hash=False)

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
    """The germline-like alleles and private markers of each sample of a patient that has any."""
    samples = {info.sample: info for info in inputs.samples}
    alleles: dict[str, dict[tuple[str, str], str]] = {}
    private: dict[str, dict[str, set[str]]] = {}
    for item in inputs.runs:
        run = item.run
        for call in item.calls:
            if run.technique is Technique.DNA_SEQUENCING and (genotype := _genotype(call)):
                alleles.setdefault(run.sample, {})[(run.assay, _allele(call))] = genotype
            if marker := private_marker(call, run.technique):
                private.setdefault(run.sample, {}).setdefault(run.assay, set()).add(marker)
    return tuple(
        Genotypes(
            inputs.patient.patient,
            name,
            alleles.get(name, {}),
            _is_after_transplant(samples[name], inputs),
            {assay: frozenset(markers) for assay, markers in private.get(name, {}).items()},
        )
        for name in sorted({*alleles, *private})
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


def remarks_of(inputs: PatientInput) -> tuple[str, ...]:
    """What :func:`within` says of a patient's samples."""
    return within(genotypes(inputs)) if len({item.run.sample for item in inputs.runs}) > 1 else ()


def within(samples: Sequence[Genotypes]) -> tuple[str, ...]:
    """Sentences about samples of one patient that do not look like one person's."""
    remarks = []
    for number, one in enumerate(samples):
        for other in samples[number + 1 :]:
            found = compare(one, other)
            if found is not None and found.verdict == "same":
                continue
            where = f"samples {one.sample} and {other.sample} of patient {one.patient} share"
            is_transplanted = one.after_transplant != other.after_transplant
            if found is not None and found.verdict == "different":
                remarks.append(f"{where} {found}: {_DIFFERENT[is_transplanted]}")
            elif found is not None and not is_transplanted:
                remarks.append(f"{where} {found}: it is not clear that they are of one person.")
            elif not is_transplanted and (count := _none_shared(one, other)):
                remarks.append(
                    f"{where} 0 of {count} private markers, and too few inherited alleles to compare: another clone, or is "
                    "one of them swapped?"
                )
    return tuple(remarks)


_DIFFERENT = {
    True: "expected after an allogeneic transplant (donor genotype).",
    False: "they look like two persons. Is one of them swapped?",
}


def _none_shared(one: Genotypes, other: Genotypes) -> int:
    """How many private markers two samples have in an assay of both, when each has several and none is common; else 0."""
    for assay in sorted(one.private.keys() & other.private.keys()):
        mine, theirs = one.private[assay], other.private[assay]
        if min(len(mine), len(theirs)) >= MIN_PRIVATE and not mine & theirs:
            return len(mine | theirs)
    return 0


def common_markers(patients: Iterable[Sequence[Genotypes]]) -> frozenset[str]:
    """Private markers that more than two patients have."""
    owners = Counter(marker for samples in patients for marker in _first_samples(samples))
    return frozenset(marker for marker, count in owners.items() if count > 2)


def between(mine: Sequence[Genotypes], others: Sequence[Genotypes], common: Collection[str] = ()) -> tuple[str, ...]:
    """Sentences about samples of different patients that look like one person's, ``common`` markers left out."""
    remarks = []
    for other in others:
        for one in mine:
            found = compare(one, other)
            if found is not None and found.verdict == "same":
                remarks.append(
                    f"samples {one.name} and {other.name} share {found}: they look like one person's under two names, "
                    "or one of them is swapped."
                )
    return (*remarks, *_shared_markers(mine, others, common))


def _shared_markers(mine: Sequence[Genotypes], others: Sequence[Genotypes], common: Collection[str]) -> Iterator[str]:
    """Per other patient, the private markers that only the two have."""
    own = _first_samples(mine)
    by_patient: dict[str, list[Genotypes]] = {}
    for other in others:
        by_patient.setdefault(other.patient, []).append(other)
    for samples in by_patient.values():
        found = _first_samples(samples)
        shared = sorted((own.keys() & found.keys()).difference(common))
        if not shared:
            continue
        one, other = own[shared[0]], found[shared[0]]
        what = f"the private marker {shared[0]}"
        if len(shared) >= MIN_PRIVATE:
            what = f"{len(shared)} private markers ({', '.join(shared[:3])}{', ...' if len(shared) > 3 else ''})"
        advice = (
            "they look like one person's under two names, or one of them is swapped."
            if len(shared) >= MIN_PRIVATE
            else "one person under two names, a swap, a contamination, or chance."
        )
        yield f"samples {one.name} and {other.name} share {what}: {advice}"


def _first_samples(samples: Iterable[Genotypes]) -> dict[str, Genotypes]:
    """Private marker -> the first sample that has it."""
    found: dict[str, Genotypes] = {}
    for sample in samples:
        for markers in sample.private.values():
            for marker in markers:
                found.setdefault(marker, sample)
    return found
