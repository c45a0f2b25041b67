"""What a junction is: a tandem duplication of its own kind, a fusion, or a structural variant; and the genes it touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from moltrack import resources
from moltrack.formats.variants.breakends import Junction
from moltrack.model import Breakpoint, Finding, Fusion, Itd, StructuralVariant

#: Exons within which a duplication or insertion is an ITD of its own, with its usual length in bases. FLT3: juxtamembrane
#: and first kinase domain (Döhner, Blood 2022;140:1345); UBTF: exon 13 (Umeda, Blood Cancer Discov 2022;3:194); BCOR: last exon.
_ITD_EXONS = {"FLT3": (14, 15), "UBTF": (13, 13), "BCOR": (15, 15)}
_ITD_LENGTH = range(3, 401)
#: KMT2A-PTD doubles a stretch of exons that begins with exon 2 or 3 and ends within exons 8 to 11 as a rule (Basecke,
#: Br J Haematol 2006;135:438).
_PTD_EXONS = range(2, 13)
#: A join within one chromosome shorter than this leaves the gene where it is.
_FAR_APART = 1_000_000
#: More breakpoints than this are looked up by an interval join, below it one by one.
_MANY = 5_000


def finding_of(
    ends: Junction, gene1: str, gene2: str, build: str, event_id: str = "", precise: bool | None = None
) -> tuple[Finding, tuple[str, ...]]:
    """What a junction between two places is: a tandem duplication of its own kind, a fusion, or a structural variant.

    Two genes make a fusion when the junction reads from the 5' part of one into the 3' part of the other, which the sides
    and the genes' strands settle; where a strand is not known the pair stays unordered. Two 5' parts or two 3' parts make no
    chimeric gene, except where an enhancer moves and no transcript is joined (GATA2 and MECOM of inv(3)): that pair has no order,
    and where the breakpoints lie beside the genes, as they mostly do, their bands tell it. A gene whose rearrangement is a lesion
    whatever the partner (KMT2A) is a fusion without one when the other side lies in no known gene, far away.
    """
    if (tandem := _tandem(ends, gene1, gene2, build)) is not None:
        return tandem, ()
    if frozenset((gene1, gene2)) not in _without_transcript() and (moved := moved_enhancer(ends, build)):
        return _unordered(ends, moved, build), ("band_only",)
    if gene1 and gene2 and gene1 != gene2:
        pair, note = _pair(ends, gene1, gene2, build)
        if pair is not None:
            return pair, ()
        return _variant(ends, gene1, gene2, build, event_id, precise), (note,)
    far = ends.side1.chrom != ends.side2.chrom or abs(ends.side1.pos - ends.side2.pos) >= _FAR_APART
    for gene, other, side, place in ((gene1, gene2, ends.side1, ends.side2), (gene2, gene1, ends.side2, ends.side1)):
        if gene in _break_apart() and not other and far and ends.sv_type in {"BND", "INV"}:
            note = f"the partner at {place.chrom}:{place.pos} lies in no gene of the references"
            return Fusion(
                gene,
                "",
                ordered=False,
                build=build,
                breakpoint5=side,
                breakpoint3=place,
                event_type=ends.sv_type,
                rearranged_only=True,
            ), (note,)
    return _variant(ends, gene1, gene2, build, event_id, precise), ()


def transcribed(
    ends: Junction, gene1: str, gene2: str, build: str, event_id: str = "", precise: bool | None = None
) -> tuple[Finding, tuple[str, ...]]:
    """What a junction of RNA is, ``side1`` being the 5' one: a fusion in the order that was read, else as :func:`finding_of`."""
    if not gene1 or not gene2 or gene1 == gene2:
        return finding_of(ends, gene1, gene2, build, event_id, precise)
    fusion = Fusion(gene1, gene2, build=build, breakpoint5=ends.side1, breakpoint3=ends.side2, event_type=ends.sv_type)
    return fusion, ()


def moved_enhancer(ends: Junction, build: str) -> tuple[str, str] | None:
    """The genes of a lesion without a chimeric transcript whose bands a rearrangement joins (GATA2 and MECOM: 3q21.3 and 3q26.2)."""
    if ends.sv_type not in {"BND", "INV"} or build not in resources.BUILDS:
        return None
    places = frozenset(
        (side.chrom, resources.band_at(build, side.chrom, side.pos)) for side in (ends.side1, ends.side2)
    )
    return _enhancer_bands().get(places)


@cache
def _enhancer_bands() -> dict[frozenset[tuple[str, str]], tuple[str, str]]:
    """Two bands -> the pair of genes by which the lesion that joins them is called."""
    found = {}
    for lesion in resources.lesions().values():
        if lesion.chimeric_transcript or not lesion.pairs:
            continue
        one, two = lesion.pairs[0]
        genes = [item for item in (resources.gene(one), resources.gene(two)) if item is not None]
        places = {(item.chrom, resources.band_at("GRCh38", item.chrom, item.spans["GRCh38"][0] + 1)) for item in genes}
        found[frozenset(places)] = (one, two)
    return found


def _unordered(ends: Junction, genes: tuple[str, str], build: str) -> Fusion:
    return Fusion(
        *genes, ordered=False, build=build, breakpoint5=ends.side1, breakpoint3=ends.side2, event_type=ends.sv_type
    )


@cache
def _break_apart() -> frozenset[str]:
    return frozenset(lesion.break_apart for lesion in resources.lesions().values() if lesion.break_apart)


def _variant(
    ends: Junction, gene1: str, gene2: str, build: str, event_id: str, precise: bool | None
) -> StructuralVariant:
    return StructuralVariant(
        ends.sv_type, build, ends.side1, ends.side2, ends.length, ends.inserted, gene1, gene2, event_id, precise
    )


def _pair(ends: Junction, gene1: str, gene2: str, build: str) -> tuple[Fusion | None, str]:
    part1, part2 = _part(ends.side1, gene1), _part(ends.side2, gene2)
    if part1 and part1 == part2 and frozenset((gene1, gene2)) not in _without_transcript():
        return None, f"joins the {part1}' parts of {gene1} and {gene2}, which makes no chimeric gene"
    swap = part1 != part2 and (part1 == "3" or part2 == "5")
    genes, sides = ((gene2, gene1), (ends.side2, ends.side1)) if swap else ((gene1, gene2), (ends.side1, ends.side2))
    fusion = Fusion(
        *genes,
        ordered=bool(part1 and part2 and part1 != part2),
        build=build,
        breakpoint5=sides[0],
        breakpoint3=sides[1],
        event_type=ends.sv_type,
    )
    return fusion, ""


@cache
def _without_transcript() -> frozenset[frozenset[str]]:
    """Pairs of genes whose joining is a lesion without a chimeric transcript."""
    lesions = resources.lesions().values()
    return frozenset(frozenset(pair) for lesion in lesions if not lesion.chimeric_transcript for pair in lesion.pairs)


def _part(side: Breakpoint, gene: str) -> str:
    """The part of a gene that a side keeps: ``5`` or ``3``; "" when a strand is not known."""
    item = resources.gene(resources.gene_symbol(gene) or gene)
    if item is None or not side.strand or item.strand not in {"+", "-"}:
        return ""
    return "5" if side.strand == item.strand else "3"


def _tandem(ends: Junction, gene1: str, gene2: str, build: str) -> Itd | None:
    if gene1 != gene2 or not gene1 or ends.sv_type not in {"DUP", "INS"}:
        return None
    transcript = resources.transcript(gene1)
    if transcript is None:
        return None
    low, high = sorted((ends.side1.pos, ends.side2.pos))
    chrom = ends.side1.chrom
    spans = {exon.number: exon.spans[build] for exon in transcript.exons if build in exon.spans}
    if gene1 == "KMT2A" and ends.sv_type == "DUP":
        doubled = sorted(number for number, (start, end) in spans.items() if low <= start + 1 and end <= high)
        if not doubled or not all(number in _PTD_EXONS for number in doubled):
            return None
        exons = f"{doubled[0]}-{doubled[-1]}" if len(doubled) > 1 else f"{doubled[0]}"
        return Itd(gene1, None, build, chrom, low, "first_duplicated", exons=exons)
    first, last = _ITD_EXONS.get(gene1, (0, 0))
    own = [spans[number] for number in (first, last) if number in spans]
    length = ends.length
    if not own or length is None or length not in _ITD_LENGTH:
        return None
    start, end = min(span[0] for span in own), max(span[1] for span in own)
    if not (start < low and high <= end + 1):
        return None
    if ends.sv_type == "DUP":
        return Itd(gene1, length, build, chrom, low, "first_duplicated", in_frame=length % 3 == 0)
    return Itd(gene1, ends.length, build, chrom, low, "insertion", sequence=ends.inserted, in_frame=length % 3 == 0)


# --- genes at breakpoints ---------------------------------------------------------------------------------------------


def genes_of_sides(sides: Iterable[Breakpoint], build: str) -> dict[Breakpoint, tuple[str, ...]]:
    """Genes over each breakpoint; many breakpoints are first narrowed to those over any gene by an interval join."""
    places = list(dict.fromkeys(sides))
    if not build:
        return {}
    if len(places) > _MANY:
        places = _over_genes(places, build)
    return {side: genes for side in places if (genes := resources.genes_at(build, side.chrom, side.pos))}


def _over_genes(places: Sequence[Breakpoint], build: str) -> list[Breakpoint]:
    import pandas as pd
    import pyranges as pr

    regions = resources.gene_regions(resources.genes(), build)
    genes = pr.PyRanges(pd.DataFrame(regions, columns=["Chromosome", "Start", "End", "Symbol"]))
    frame = pd.DataFrame(
        {
            "Chromosome": [s.chrom for s in places],
            "Start": [s.pos - 1 for s in places],
            "End": [s.pos for s in places],
            "Index": range(len(places)),
        }
    )
    hits = pr.PyRanges(frame).overlap(genes)
    return [places[index] for index in sorted(set(hits.df["Index"]))] if len(hits) else []
