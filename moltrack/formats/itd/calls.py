"""What readers of ITD callers share: where duplications are looked for, how they are spelled, and levels with one meaning.

``site_rule`` of an :class:`~moltrack.model.Itd`:

``insertion``
    ``pos`` is the reference base before the inserted sequence (lower coordinate), as in a VCF record that is left-aligned.
``first_duplicated``
    ``pos`` is the lowest duplicated base; for a plain duplication the insertion lies one base before it.

Sequences are of the plus strand, whatever strand the tool prints.
"""

from __future__ import annotations

from decimal import Decimal

from moltrack.model import Counts, Coverage, CoverageScope, Itd, Printed
from moltrack.quantity import parse_number

#: Gene -> lesion that its duplication is.
LESIONS = {"FLT3": "FLT3_ITD", "KMT2A": "KMT2A_PTD", "UBTF": "UBTF_TD", "BCOR": "BCOR_ITD"}

#: Exons of the MANE Select transcript where each gene is duplicated: FLT3 14-15 (Stirewalt, Nat Rev Cancer 2003;3:650), UBTF 13
#: (Umeda, Blood Cancer Discov 2022;3:194), BCOR 15 (Ueno-Yokohata, Nat Genet 2015;47:861).
_EXONS = {"FLT3": (14, 15), "UBTF": (13, 13), "BCOR": (15, 15)}

#: Bases beside those exons that still belong to the region: an insertion may be anchored at their edge.
_PADDING = 10

_COMPLEMENT = str.maketrans("ACGTNacgtn", "TGCANtgcan")


def reverse_complement(sequence: str) -> str:
    return sequence.translate(_COMPLEMENT)[::-1]


def itd_gene_at(build: str, chrom: str, pos: int) -> str:
    """The gene whose duplicated exons lie at a 1-based position (introns between them included); "" elsewhere."""
    from moltrack import resources

    for gene, (first, last) in _EXONS.items():
        transcript = resources.transcript(gene)
        if transcript is None or transcript.chrom != chrom:
            continue
        spans = [exon.spans[build] for exon in transcript.exons if first <= exon.number <= last and build in exon.spans]
        if spans and min(span[0] for span in spans) - _PADDING < pos <= max(span[1] for span in spans) + _PADDING:
            return gene
    return ""


def build_of_site(chrom: str, pos: int) -> str:
    """The build in which exactly one of the duplicated regions lies at a position; "" when both or none do.

    A file of an ITD caller often names no build; FLT3 exons 14-15 lie at 13:286080xx in GRCh37 and 13:280338xx in GRCh38.
    """
    builds = [build for build in ("GRCh37", "GRCh38") if itd_gene_at(build, chrom, pos)]
    return builds[0] if len(builds) == 1 else ""


def chromosome(name: str) -> str:
    return name.removeprefix("chr").removeprefix("Chr").upper()


def make_itd(
    gene: str,
    length: int | None,
    *,
    build: str = "",
    chrom: str = "",
    pos: int | None = None,
    site_rule: str = "insertion",
    sequence: str = "",
    domain: str = "",
    hgvs_c: str = "",
    exons: str = "",
) -> Itd:
    """A clone; it is in frame when its length is a multiple of three."""
    return Itd(
        gene=gene,
        length=length,
        build=build if pos is not None else "",
        chrom=chrom,
        pos=pos,
        site_rule=site_rule if pos is not None else "",
        sequence=sequence.upper(),
        in_frame=None if length is None else length % 3 == 0,
        domain=domain,
        hgvs_c=hgvs_c,
        exons=exons,
    )


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str]:
    """Anchor position and inserted sequence of an insertion that is spelled with more reference than needed.

    ``CTCTGG > CTCTGTCTGG`` at 539 is the insertion of ``TCTG`` after 539. The common end goes first, so that the result is
    left-aligned as far as the record's own bases allow.
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        ref, alt, pos = ref[1:], alt[1:], pos + 1
    return pos, alt[len(ref) :] if alt.startswith(ref) else alt


def fraction_of_counts(alt: float, depth: float) -> Printed:
    """VAF = mutant / all reads, from counts."""
    return Printed("vaf", Decimal(repr(alt)) / Decimal(repr(depth)), "fraction", f"{alt:g}/{depth:g}")


def is_infinite(ratio: str) -> bool:
    """``Inf`` as allelic ratio: no wild-type read is left."""
    return ratio.strip().lower() in {"inf", "infinity", "+inf"}


def ratio_levels(ratio: str, vaf: Printed) -> tuple[tuple[Printed, ...], tuple[str, ...]]:
    """Allelic ratio and VAF as printed; an infinite ratio is kept as a note beside VAF 1."""
    if is_infinite(ratio):
        return (vaf,), ("allelic ratio infinite: no wild-type read",)
    return (Printed("allelic_ratio", parse_number(ratio), "ratio", ratio), vaf), ()


def looked_at(
    gene: str, line: int, *, depth: float | None = None, sample: str = "", evaluable: bool = True, note: str = ""
) -> Coverage:
    """What a tool made for one gene's duplications says by having run."""
    return Coverage(
        CoverageScope.LESION,
        line,
        name=LESIONS[gene],
        counts=Counts(depth=depth),
        sample=sample,
        evaluable=evaluable,
        note=note,
    )
