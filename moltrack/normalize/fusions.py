"""Fusions: one ordered pair of current symbols for all names, directions and callers; and its junctions.

Partners are matched in either order, since an event has two derivative chromosomes. The order that drives is the known one
(RUNX1::RUNX1T1); the other is its reciprocal. Symbols: Bruford, Leukemia 2021;35:3040.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from moltrack import resources
from moltrack.model import Breakpoint, Fusion
from moltrack.normalize.hgvs import lift
from moltrack.resources import FusionJunction, FusionName, split_fusion_name

#: Callers place one junction a few bases apart (0- or 1-based, shared bases at the joint).
JUNCTION_TOLERANCE = 10

_NO_GENE = {"", "unknown", "?", ".", "na", "n/a", "none", "intergenic"}


@dataclass(frozen=True, slots=True)
class FusionPair:
    """A fusion by current symbols.

    ``name`` is ``5'::3'`` of the driving direction, whatever direction was seen; ``is_reciprocal`` says that this finding is of the other
    one. ``lesions`` are ids of ``references/lesions.yaml``; ``note`` says how the pair was read. ``flags``: ``unconfirmed`` (out of frame, or of
    low confidence), ``partner_unknown``.
    """

    name: str
    gene5: str
    gene3: str
    lesions: tuple[str, ...] = ()
    is_reciprocal: bool = False
    note: str = ""
    flags: tuple[str, ...] = ()

    @property
    def reciprocal_of(self) -> str:
        """The driving fusion that this one is the reciprocal of, or ""."""
        return self.name if self.is_reciprocal else ""


def parse_fusion_name(text: str) -> FusionName | None:
    """The genes of a name as a report types it; see :func:`moltrack.resources.split_fusion_name`."""
    return split_fusion_name(text)


def symbol_of(name: str, gene_id: str = "") -> str:
    """The current symbol of a printed gene, by its Ensembl id first; an unknown gene as printed."""
    text = name.strip()
    if text.lower() in _NO_GENE:
        return ""
    return (resources.gene_symbol(gene_id) if gene_id else None) or resources.gene_symbol(text) or text


def fusion_pair(finding: Fusion) -> FusionPair:
    """The pair of one finding, seen alone; :func:`fusion_pairs` also settles directions between findings."""
    one, two = symbol_of(finding.gene5, finding.gene5_id), symbol_of(finding.gene3, finding.gene3_id)
    flags = _evidence_flags(finding)
    if not one or not two or finding.rearranged_only:
        return _unknown_partner(one or two, flags)
    if {one, two} == {"RPN1", "MECOM"}:
        note = "RPN1 lies beside GATA2 in 3q21 and stands for it in FISH probes"
        return FusionPair("GATA2::MECOM", "GATA2", "MECOM", ("inv3_t3_3",), note=note, flags=flags)
    lesions = lesions_of_pair(one, two)
    if one == two:
        return _joined_to_itself(one, lesions, finding, flags)
    five, three = _driving_order(one, two)
    known = (five, three) in _known()
    if not five:
        five, three = (one, two) if finding.ordered else tuple(sorted((one, two)))
    reciprocal = finding.ordered and (five, three) == (two, one)
    note = "" if known else "pair not among the fusions of the references"
    return FusionPair(f"{five}::{three}", five, three, lesions, reciprocal, note, flags)


def fusion_pairs(findings: Sequence[Fusion]) -> list[FusionPair]:
    """The pairs of a patient's findings: both directions of a pair without a known one get the same name.

    The direction seen in frame is taken as the driving one, else the only one that a caller ordered, else the alphabetical.
    """
    pairs = [fusion_pair(finding) for finding in findings]
    open_pairs: dict[frozenset[str], list[int]] = {}
    for index, pair in enumerate(pairs):
        if pair.gene5 and pair.gene3 and not _driving_order(pair.gene5, pair.gene3)[0]:
            open_pairs.setdefault(frozenset((pair.gene5, pair.gene3)), []).append(index)
    for indices in open_pairs.values():
        in_frame = {pairs[i].name for i in indices if findings[i].ordered and findings[i].in_frame}
        ordered = {pairs[i].name for i in indices if findings[i].ordered}
        candidates = in_frame if len(in_frame) == 1 else ordered or {pairs[i].name for i in indices}
        name = min(candidates)
        five, _, three = name.partition("::")
        for i in indices:
            reciprocal = findings[i].ordered and pairs[i].name != name
            pairs[i] = replace(pairs[i], name=name, gene5=five, gene3=three, is_reciprocal=reciprocal)
    return pairs


def _joined_to_itself(gene: str, lesions: tuple[str, ...], finding: Fusion, flags: tuple[str, ...]) -> FusionPair:
    """A gene joined to itself doubles what lies between, unless the junction is seen to run forwards: that leaves exons out."""
    if _runs_forwards(gene, finding):
        note = "joined to itself in its own order: a deletion or an unusual splicing, no duplication"
        return FusionPair(f"{gene}::{gene}", gene, gene, note=note, flags=flags)
    marker = resources.lesions()[lesions[0]].marker if lesions else f"{gene}::{gene}"
    return FusionPair(marker, gene, gene, lesions, note="joined to itself: a tandem duplication", flags=flags)


def _runs_forwards(gene: str, finding: Fusion) -> bool:
    """True when the 3' side lies downstream of the 5' side, by exon numbers, else by positions and the gene's strand."""
    if not finding.ordered:
        return False
    if finding.exon5.isdecimal() and finding.exon3.isdecimal():
        return int(finding.exon5) < int(finding.exon3)
    five, three, known = finding.breakpoint5, finding.breakpoint3, resources.gene(gene)
    if five is None or three is None or known is None or five.chrom != three.chrom:
        return False
    return five.pos < three.pos if known.strand == "+" else five.pos > three.pos


def _unknown_partner(gene: str, flags: tuple[str, ...]) -> FusionPair:
    lesions = tuple(name for name, own in resources.lesions().items() if gene and own.break_apart == gene)
    note = f"{gene} is rearranged, its partner not known" if gene else "neither gene is known"
    return FusionPair(f"{gene or 'unknown'}::unknown", gene, "", lesions, note=note, flags=(*flags, "partner_unknown"))


def _evidence_flags(finding: Fusion) -> tuple[str, ...]:
    low = finding.confidence.strip().lower() in {"low", "lowconfidence", "low confidence"}
    return ("unconfirmed",) if low or finding.in_frame is False else ()


@cache
def _known() -> frozenset[tuple[str, str]]:
    return frozenset((item.gene5, item.gene3) for item in resources.known_fusions())


def _driving_order(one: str, two: str) -> tuple[str, str]:
    """The order that drives, where the references tell; ("", "") otherwise."""
    for pair in ((one, two), (two, one)):
        if pair in _known():
            return pair
    for lesion in resources.lesions().values():
        if lesion.partner_of in {one, two}:
            partner = two if lesion.partner_of == one else one
            return (lesion.partner_of, partner) if lesion.partner_end == "3" else (partner, lesion.partner_of)
    return "", ""


def lesions_of_pair(one: str, two: str) -> tuple[str, ...]:
    """Lesions that a pair of genes means, in either order."""
    found = []
    for name, lesion in resources.lesions().items():
        if any({one, two} == set(pair) for pair in lesion.pairs):
            found.append(name)
        elif lesion.partner_of in {one, two}:
            partner = two if lesion.partner_of == one else one
            if partner not in lesion.not_partners and not found:
                found.append(name)
    return tuple(found)


# --- junctions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Junction:
    """Findings with one junction: their indices, its usual name (``e14a2``, ``type A``) or positions, and a record of it."""

    members: tuple[int, ...]
    name: str
    finding: Fusion


def same_junction(one: Fusion, two: Fusion, tolerance: int = JUNCTION_TOLERANCE) -> bool | None:
    """Whether two findings of a pair are one junction: both breakpoints within ``tolerance`` bases, or the same isoform name.

    None when the findings do not tell (no breakpoints, or two builds outside exons).
    """
    places = _place(one), _place(two)
    if places[0] and places[1] and places[0][0] == places[1][0]:
        return all(abs(a - b) <= tolerance for a, b in zip(places[0][1], places[1][1], strict=True))
    names = _isoform(one), _isoform(two)
    return names[0] == names[1] if names[0] and names[1] else None


def cluster_junctions(findings: Sequence[Fusion], tolerance: int = JUNCTION_TOLERANCE) -> list[Junction]:
    """Junctions among findings of one pair and direction, in the order of the genome.

    Sorted single linkage with the diameter within ``tolerance`` bases. A finding that names its isoform (``e14a2``) joins the junction
    of that name; one with neither breakpoints nor isoform is of no junction.
    """
    order = sorted(range(len(findings)), key=lambda i: (_place(findings[i]) or (("",), (0, 0)), repr(findings[i])))
    groups: list[list[int]] = []
    named: dict[str, list[int]] = {}
    for index in order:
        place = _place(findings[index])
        if place is None:
            if name := _isoform(findings[index]):
                named.setdefault(name, []).append(index)
            continue
        # The first breakpoint is sorted, the second need not be: every group nearby is tried.
        for group in reversed(groups):
            if same_junction(findings[group[0]], findings[index], tolerance):
                group.append(index)
                break
        else:
            groups.append([index])
    by_name = {_junction_name(findings[group[0]]): group for group in groups}
    for name, indices in named.items():
        if name in by_name:
            by_name[name].extend(indices)
        else:
            by_name[name] = indices
    return [
        Junction(tuple(sorted(group)), name, findings[group[0]])
        for name, group in sorted(by_name.items(), key=lambda item: (_place(findings[item[1][0]]) is None, item[0]))
    ]


def _place(finding: Fusion) -> tuple[tuple[str, ...], tuple[int, int]] | None:
    """Build and chromosomes, and the two positions: on GRCh38 where both can be carried there."""
    five, three = finding.breakpoint5, finding.breakpoint3
    if five is None or three is None:
        return None
    if finding.build == "GRCh37":
        lifted = [_lifted(side) for side in (five, three)]
        if lifted[0] and lifted[1]:
            return ("GRCh38", five.chrom, three.chrom), (lifted[0], lifted[1])
    return (finding.build, five.chrom, three.chrom), (five.pos, three.pos)


def _lifted(side: Breakpoint) -> int | None:
    found = lift("GRCh37", side.chrom, side.pos - 1, side.pos)
    return found[1] if found else None


def known_junction(finding: Fusion, tolerance: int = JUNCTION_TOLERANCE) -> FusionJunction | None:
    """The usual junction of the references that a finding has, by its breakpoints."""
    if finding.breakpoint5 is None or finding.breakpoint3 is None:
        return None
    pair = f"{symbol_of(finding.gene5, finding.gene5_id)}::{symbol_of(finding.gene3, finding.gene3_id)}"
    builds = (finding.build,) if finding.build in resources.BUILDS else resources.BUILDS
    for item in resources.fusion_junctions():
        if item.fusion == pair and any(
            abs(item.pos5[build] - finding.breakpoint5.pos) <= tolerance
            and abs(item.pos3[build] - finding.breakpoint3.pos) <= tolerance
            for build in builds
        ):
            return item
    return None


def _isoform(finding: Fusion) -> str:
    if finding.isoform:
        pair = f"{symbol_of(finding.gene5, finding.gene5_id)}::{symbol_of(finding.gene3, finding.gene3_id)}"
        text = finding.isoform.strip().casefold()
        for item in resources.fusion_junctions():
            others = {name.strip().casefold() for name in item.other_names.split(",")}
            if item.fusion == pair and (
                text == item.isoform.casefold() or text in others - {"p210", "p190", "p230", ""}
            ):
                return item.isoform
        return finding.isoform.strip()
    if finding.exon5 and finding.exon3:
        return f"e{finding.exon5}-e{finding.exon3}"
    known = known_junction(finding)
    return known.isoform if known else ""


def _junction_name(finding: Fusion) -> str:
    known = known_junction(finding)
    if known is not None:
        return known.isoform
    five, three = finding.breakpoint5, finding.breakpoint3
    if five is None or three is None:
        return _isoform(finding)
    return f"{five.chrom}:{five.pos}-{three.chrom}:{three.pos}"
