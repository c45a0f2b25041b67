"""What a call is about: one record per kind of finding, exactly as the file states it.

Positions: ``pos`` is 1-based (VCF, HGVS, ``arr``); ``start`` and ``end`` are 0-based half-open. Chromosomes are written
without ``chr``; X, Y and MT in capitals. ``build`` is ``GRCh37``, ``GRCh38`` or "" when the file does not tell.
Genes are as printed: synonyms are resolved when markers are made, so a better table needs no file again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from moltrack.model.numbers import make_floats


class MarkerKind(StrEnum):
    """What kind of thing is followed over time."""

    SMALL_VARIANT = "small_variant"
    ITD = "itd"
    FUSION = "fusion"
    STRUCTURAL_VARIANT = "structural_variant"
    COPY_NUMBER = "copy_number"
    KARYOTYPE_EVENT = "karyotype_event"
    EXPRESSION = "expression"
    FLOW = "flow"
    ANTIGEN = "antigen"
    BLASTS = "blasts"
    CHIMERISM = "chimerism"
    ANALYTE = "analyte"
    REPORTED = "reported"


#: Kinds of markers that belong to a clone: what appears and disappears with it.
CLONAL_KINDS = frozenset(
    {
        MarkerKind.SMALL_VARIANT,
        MarkerKind.ITD,
        MarkerKind.FUSION,
        MarkerKind.STRUCTURAL_VARIANT,
        MarkerKind.COPY_NUMBER,
        MarkerKind.KARYOTYPE_EVENT,
        MarkerKind.FLOW,
    }
)


@dataclass(frozen=True, slots=True)
class SmallVariant:
    """A substitution, insertion, deletion or MNV: by position, by HGVS only (``chrom`` ""), or both.

    ``ref`` and ``alt`` are VCF alleles with their anchor base as the file writes them; one alternative allele per
    record. ``consequence`` holds Sequence Ontology terms joined by ``&``; ``clinical_significance`` is CLNSIG or the
    laboratory's class as printed; ``population_af`` the largest population frequency printed (fraction).
    ``annotation`` names the annotator, and why this transcript was chosen among several.
    """

    build: str = ""
    chrom: str = ""
    pos: int | None = None
    ref: str = ""
    alt: str = ""
    gene: str = ""
    transcript: str = ""
    hgvs_c: str = ""
    hgvs_p: str = ""
    consequence: str = ""
    clinical_significance: str = ""
    population_af: float | None = None
    exon: str = ""
    annotation: str = ""

    def __post_init__(self) -> None:
        make_floats(self, (("population_af", self.population_af),))


@dataclass(frozen=True, slots=True)
class Itd:
    """An internal or partial tandem duplication: FLT3-ITD, UBTF-TD, BCOR-ITD, KMT2A-PTD.

    ``length`` in bases (None when only the sum over clones is reported). ``pos`` is the 1-based position of the
    insertion site, or of the first duplicated base, as the tool defines it; ``site_rule`` says which
    (``insertion`` or ``first_duplicated``). ``domain`` JM or TKD1 as printed. ``aggregate`` is True for a sum over all
    clones of the sample.
    """

    gene: str
    length: int | None = None
    build: str = ""
    chrom: str = ""
    pos: int | None = None
    site_rule: str = ""
    sequence: str = ""
    in_frame: bool | None = None
    domain: str = ""
    hgvs_c: str = ""
    hgvs_p: str = ""
    exons: str = ""
    aggregate: bool = False


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """One side of a junction; ``strand`` is ``+``, ``-`` or ""."""

    chrom: str
    pos: int
    strand: str = ""


@dataclass(frozen=True, slots=True)
class Fusion:
    """A junction between two genes. ``ordered`` is False where the tool's order is not 5' to 3' (SQUID, FISH).

    ``gene5_id`` / ``gene3_id`` are Ensembl ids when printed. ``rearranged_only`` marks evidence for one rearranged gene
    without a partner (break-apart FISH): ``gene3`` is then "".
    """

    gene5: str
    gene3: str
    gene5_id: str = ""
    gene3_id: str = ""
    ordered: bool = True
    build: str = ""
    breakpoint5: Breakpoint | None = None
    breakpoint3: Breakpoint | None = None
    isoform: str = ""
    exon5: str = ""
    exon3: str = ""
    in_frame: bool | None = None
    event_type: str = ""
    confidence: str = ""
    rearranged_only: bool = False


@dataclass(frozen=True, slots=True)
class StructuralVariant:
    """A DNA junction or large event of an SV caller.

    ``sv_type``: DEL, DUP, INV, INS, BND. ``side1`` / ``side2`` are the joined positions; ``length`` in bases when known;
    ``gene1`` / ``gene2`` as annotated in the file ("" = to be looked up by position).
    """

    sv_type: str
    build: str = ""
    side1: Breakpoint | None = None
    side2: Breakpoint | None = None
    length: int | None = None
    inserted: str = ""
    gene1: str = ""
    gene2: str = ""
    event_id: str = ""
    precise: bool | None = None


class Change(StrEnum):
    """What happened to copies. ``NORMAL`` is a stated normal result, used by segment files."""

    LOSS = "loss"
    GAIN = "gain"
    AMPLIFICATION = "amplification"
    CN_LOH = "cnloh"
    NORMAL = "normal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CopyNumber:
    """A gain, loss or loss of heterozygosity of a gene (FISH), of bands (``arr``) or of a segment (``start``/``end``).

    ``total`` and ``minor`` are copies per cell carrying the event, as printed (decimals occur). ``log2`` is the log2
    ratio against a diploid baseline; ``baf`` the B-allele frequency of the segment's heterozygous sites; ``purity`` and
    ``ploidy`` those of the file, when its copy numbers are of tumour cells.
    """

    change: Change
    gene: str = ""
    build: str = ""
    chrom: str = ""
    start: int | None = None
    end: int | None = None
    band_start: str = ""
    band_end: str = ""
    total: float | None = None
    minor: float | None = None
    log2: float | None = None
    baf: float | None = None
    purity: float | None = None
    ploidy: float | None = None
    probe: str = ""
    nomenclature: str = ""

    def __post_init__(self) -> None:
        names = ("total", "minor", "log2", "baf", "purity", "ploidy")
        make_floats(self, ((name, getattr(self, name)) for name in names))


@dataclass(frozen=True, slots=True)
class Imbalance:
    """A stretch of a chromosome that an event gains or loses: whole (``arm`` ""), an arm, or bands of it.

    ``band_from`` / ``band_to`` as ISCN bands without the chromosome (``q22``, ``pter``); "" = the whole arm.
    """

    change: Change
    chrom: str
    arm: str = ""
    band_from: str = ""
    band_to: str = ""


@dataclass(frozen=True, slots=True)
class KaryotypeEvent:
    """One abnormality of a karyotype, as read by ``moltrack.iscn``.

    ``text`` is canonical ISCN (``t(8;21)(q22;q22.1)``, ``-7``); ``lesions`` ids of the lesions it
    fulfils (``t_8_21``, ``minus7`` ...); ``imbalances`` what it gains and loses; ``clones`` the 1-based clones that carry it.
    """

    text: str
    event_type: str = ""
    chromosomes: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    lesions: tuple[str, ...] = ()
    imbalances: tuple[Imbalance, ...] = ()
    clones: tuple[int, ...] = ()
    constitutional: bool = False


@dataclass(frozen=True, slots=True)
class Karyotype:
    """A whole karyotype string with what it says about named questions.

    ``flags`` maps a flag name (``complex``, ``monosomal``, ``normal_karyotype``, ``minus7`` ...) to True, False or None
    (the string does not tell). ``counts`` are the abnormality counts by convention (``iscn2024``, ``chun2010``).
    ``metaphases`` is the number of cells analysed, None when no clone carries a count.
    """

    text: str
    metaphases: int | None = None
    flags: tuple[tuple[str, bool | None], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    clones: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def flag(self, name: str) -> bool | None:
        """The flag's value; None also when the name was not asked of the string."""
        return dict(self.flags).get(name)


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured property with a name: flow MRD, blasts, an antigen, chimerism, an analyte, expression of a gene.

    ``kind`` is FLOW, BLASTS, ANTIGEN, CHIMERISM, ANALYTE or EXPRESSION. ``name`` is the property ("MFC-MRD", "blasts",
    "CD7", "CRP", "CAR transgene"), ``population`` what it was measured on ("blasts", "recipient T cells"), as printed.
    """

    kind: MarkerKind
    name: str
    gene: str = ""
    population: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """A conclusion without its finding: ``topic`` ("karyotype", "TP53"), ``conclusion`` ("complex", "normal")."""

    topic: str
    conclusion: str


Finding: TypeAlias = (
    SmallVariant | Itd | Fusion | StructuralVariant | CopyNumber | KaryotypeEvent | Karyotype | Measured | Reported
)

FINDINGS = (
    SmallVariant,
    Itd,
    Fusion,
    StructuralVariant,
    CopyNumber,
    KaryotypeEvent,
    Karyotype,
    Measured,
    Reported,
)
