"""Internal tandem duplications: one clone for all its spellings, and small variants that are duplications.

Tools place the same duplication differently: at its insertion site, at the first or the last duplicated base, left-aligned or not.
Two positions of one event differ at most by its length. Clones therefore match by gene, exact length and site within the length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from moltrack import resources
from moltrack.model import Itd, SmallVariant, StructuralVariant
from moltrack.normalize.alleles import edit_of, is_explicit
from moltrack.normalize.hgvs import canonical, coding_name, lift, protein_name
from moltrack.resources import Transcript


@dataclass(frozen=True, slots=True)
class TandemRegion:
    """Where a gene's duplications lie: exons of the MANE Select transcript with the introns between, shortest length in bases."""

    gene: str
    first_exon: int
    last_exon: int
    shortest: int


#: FLT3: Nakao, Leukemia 1996;10:1911 and Kayser, Blood 2009;114:2386. UBTF: Umeda, Blood Cancer Discov 2022;3:194. BCOR: last
#: exon, Khoury, Leukemia 2022;36:1703. The shortest lengths of UBTF and BCOR are conventions.
REGIONS = (
    TandemRegion("FLT3", 14, 15, 3),
    TandemRegion("UBTF", 13, 13, 15),
    TandemRegion("BCOR", 15, 15, 30),
)
SHORTEST = min(region.shortest for region in REGIONS)

#: First and last residue of the domains of FLT3 that duplications hit: Kayser, Blood 2009;114:2386.
FLT3_DOMAINS = (("JMD", 572, 609), ("TKD1", 610, 710))


@dataclass(frozen=True, slots=True)
class Clone:
    """Findings that are one clone: their indices, its name (``21 bp``), its record on GRCh38, and why they were joined."""

    members: tuple[int, ...]
    name: str
    finding: Itd
    reason: str = ""
    flags: tuple[str, ...] = ()


def cluster(itds: Sequence[Itd]) -> list[Clone]:
    """Clones of one gene among findings that state a length.

    Sorted by site, single linkage, the diameter within the length. A finding without a site (fragment analysis) belongs to the
    only clone of its length; with several such clones it stays one of its own.
    """
    clones: list[tuple[int, list[int], list[int]]] = []
    unplaced: dict[int, list[int]] = {}
    sites = [_site(item) for item in itds]
    order = sorted(range(len(itds)), key=lambda i: (itds[i].length or 0, sites[i] or ("", 0), repr(itds[i])))
    for index in order:
        length, site = itds[index].length, sites[index]
        if length is None or itds[index].aggregate:
            continue
        if site is None:
            unplaced.setdefault(length, []).append(index)
            continue
        if clones and clones[-1][0] == length and _near(sites[clones[-1][1][0]], site, length):
            clones[-1][1].append(index)
        else:
            clones.append((length, [index], []))
    for length, indices in unplaced.items():
        same = [clone for clone in clones if clone[0] == length]
        if len(same) == 1:
            same[0][2].extend(indices)
        else:
            clones.append((length, [], indices))
    lengths = [length for length, _, _ in clones]
    return sorted(
        (_clone(itds, sites, *clone, several=lengths.count(clone[0]) > 1) for clone in clones),
        key=lambda clone: (clone.finding.length or 0, clone.name),
    )


def _near(one: tuple[str, int] | None, two: tuple[str, int], tolerance: int) -> bool:
    return one is not None and one[0] == two[0] and abs(one[1] - two[1]) <= tolerance


def _clone(
    itds: Sequence[Itd],
    sites: Sequence[tuple[str, int] | None],
    length: int,
    placed: list[int],
    unplaced: list[int],
    *,
    several: bool,
) -> Clone:
    members = sorted(placed + unplaced)
    best = min((itds[i] for i in placed or unplaced), key=lambda item: (not item.sequence, repr(item)))
    site = min((sites[i] for i in placed), default=None, key=lambda s: s or ("", 0))
    where = site[0] if site else ""
    build, _, chrom = where.partition(" ")
    name = f"{length} bp"
    if several:
        name += f" at {chrom}:{site[1]} ({build})" if site else ", site not given"
    spellings = {(itds[i].build, itds[i].pos, itds[i].site_rule) for i in placed}
    reasons = []
    if len(spellings) > 1:
        reasons.append(f"same length, sites within {length} bases")
    if placed and unplaced:
        reasons.append("the only clone of that length")
    out_of_frame = length % 3 != 0
    finding = replace(best, build=build, chrom=chrom, pos=site[1]) if site else best
    finding = replace(finding, in_frame=not out_of_frame, domain=finding.domain or domain_of(finding))
    return Clone(tuple(members), name, finding, "; ".join(reasons), ("out_of_frame",) if out_of_frame else ())


def _site(item: Itd) -> tuple[str, int] | None:
    """Build with chromosome, and position on GRCh38 where it can be carried there."""
    if item.pos is None:
        return None
    if item.build == "GRCh37" and (lifted := lift(item.build, item.chrom, item.pos - 1, item.pos)):
        return f"GRCh38 {item.chrom}", lifted[1]
    return f"{item.build or 'build unknown'} {item.chrom}", item.pos


def domain_of(item: Itd) -> str:
    """``JMD`` or ``TKD1`` by the residue at the insertion site of a FLT3-ITD; "" when it lies in the intron or is not known.

    Source: Kayser, Blood 2009;114:2386 (juxtamembrane domain with hinge: residues 572-609).
    """
    transcript = resources.transcript(resources.gene_symbol(item.gene) or "")
    if transcript is None or transcript.gene != "FLT3" or item.pos is None or item.build not in resources.BUILDS:
        return ""
    residue = transcript.codon(item.build, item.pos)
    return next((name for name, first, last in FLT3_DOMAINS if residue and first <= residue <= last), "")


# --- duplications in other clothes ------------------------------------------------------------------------------------


def itd_from_small_variant(finding: SmallVariant) -> Itd | None:
    """The duplication that a small variant is: an insertion, duplication or longer replacement in a region of ``REGIONS``.

    The length is what the allele adds, whether it is spelled as DUP, INS or MNV. One that shifts the frame is returned with
    ``in_frame`` False. None for everything else.
    """
    placed = finding.pos is not None
    if placed and (len(finding.alt) - len(finding.ref) < SHORTEST or not is_explicit(finding.ref, finding.alt)):
        return None
    if not placed and not (finding.hgvs_c or finding.hgvs_p):
        return None
    for region in REGIONS:
        transcript = resources.transcript(region.gene)
        if transcript is None:
            continue
        found = _from_allele(finding, region, transcript) if placed else _from_name(finding, region, transcript)
        if found is not None:
            return replace(found, domain=domain_of(found))
    return None


def _region_span(region: TandemRegion, transcript: Transcript, build: str) -> tuple[int, int]:
    spans = [e.spans[build] for e in transcript.exons if region.first_exon <= e.number <= region.last_exon]
    return min(start for start, _ in spans), max(end for _, end in spans)


def _from_allele(finding: SmallVariant, region: TandemRegion, transcript: Transcript) -> Itd | None:
    if finding.chrom != transcript.chrom or finding.build not in resources.BUILDS or finding.pos is None:
        return None
    if len(finding.alt) - len(finding.ref) < region.shortest:
        return None
    start, end = _region_span(region, transcript, finding.build)
    edit = edit_of(finding.chrom, finding.pos, finding.ref, finding.alt)
    if edit is None or not (start <= edit.start and edit.end <= end):
        return None
    return Itd(
        region.gene,
        length=edit.net,
        build=finding.build,
        chrom=finding.chrom,
        pos=edit.start,
        site_rule="insertion",
        sequence=edit.inserted,
        in_frame=edit.net % 3 == 0,
        hgvs_c=finding.hgvs_c,
        hgvs_p=finding.hgvs_p,
    )


def _from_name(finding: SmallVariant, region: TandemRegion, transcript: Transcript) -> Itd | None:
    item = canonical(finding)
    if item.gene != region.gene:
        return None
    place = _coding_place(item) or _protein_place(item)
    if place is None:
        return None
    first, last, kind, length = place
    ends = transcript.position("GRCh38", first), transcript.position("GRCh38", last)
    if ends[0] is None or ends[1] is None:
        return None
    low, high = sorted((ends[0], ends[1]))
    start, end = _region_span(region, transcript, "GRCh38")
    if length < region.shortest or not (start < low and high <= end):
        return None
    return Itd(
        region.gene,
        length=length,
        build="GRCh38",
        chrom=transcript.chrom,
        pos=low,
        site_rule="first_duplicated" if kind == "dup" else "insertion",
        in_frame=length % 3 == 0,
        hgvs_c=item.hgvs_c,
        hgvs_p=item.hgvs_p,
    )


def _coding_place(item: SmallVariant) -> tuple[str, str, str, int] | None:
    """First and last base (HGVS c.), kind and added length of a duplication or insertion."""
    match = re.fullmatch(r"c\.([\d+-]+)(?:_([\d+-]+))?(dup|ins|delins)([ACGT]*)", coding_name(item.hgvs_c))
    if match is None or not match[1][0].isdecimal():
        return None
    first, last = match[1], match[2] or match[1]
    if match[3] == "ins":
        return first, last, "ins", len(match[4])
    if not (first.isdecimal() and last.isdecimal()):
        return None
    span = int(last) - int(first) + 1
    return first, last, match[3], span if match[3] == "dup" else len(match[4]) - span


def _protein_place(item: SmallVariant) -> tuple[str, str, str, int] | None:
    """The same of a protein name: ``p.Asp600_Leu601insGlyHisTyr``, ``p.Phe594_Asp600dup``, ``p.Tyr599_Asp600ins14``."""
    match = re.fullmatch(r"p\.[A-Z][a-z]{2}(\d+)(?:_[A-Z][a-z]{2}(\d+))?(dup|ins)(.*)", protein_name(item.hgvs_p))
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    residues = last - first + 1 if match[3] == "dup" else int(match[4]) if match[4].isdecimal() else len(match[4]) // 3
    return str(3 * first - 2), str(3 * last), match[3], 3 * residues


def itd_from_structural(finding: StructuralVariant) -> Itd | None:
    """The duplication that an SV caller's DUP or INS is: FLT3-ITD, UBTF-TD, BCOR-ITD, or KMT2A-PTD.

    KMT2A-PTD is a duplication with both ends inside KMT2A that covers an exon; it has no length, since introns lie in it.
    """
    one, two = finding.side1, finding.side2 or finding.side1
    if finding.sv_type not in {"DUP", "INS"} or one is None or two is None or finding.build not in resources.BUILDS:
        return None
    low, high = sorted((one.pos, two.pos))
    length = finding.length or len(finding.inserted) or (high - low if finding.sv_type == "DUP" else 0)
    for region in REGIONS:
        transcript = resources.transcript(region.gene)
        if transcript is None or not (one.chrom == two.chrom == transcript.chrom):
            continue
        start, end = _region_span(region, transcript, finding.build)
        if start <= low and high <= end and length >= region.shortest:
            rule = "first_duplicated" if finding.sv_type == "DUP" else "insertion"
            found = Itd(
                region.gene,
                length=length,
                build=finding.build,
                chrom=one.chrom,
                pos=low,
                site_rule=rule,
                sequence=finding.inserted,
                in_frame=length % 3 == 0,
            )
            return replace(found, domain=domain_of(found))
    return _kmt2a_ptd(finding, low, high)


def _kmt2a_ptd(finding: StructuralVariant, low: int, high: int) -> Itd | None:
    transcript = resources.transcript("KMT2A")
    one, two = finding.side1, finding.side2
    if transcript is None or finding.sv_type != "DUP" or one is None or two is None:
        return None
    spans = [exon.spans[finding.build] for exon in transcript.exons]
    inside = one.chrom == two.chrom == transcript.chrom and spans[0][0] <= low and high <= spans[-1][1]
    covered = [
        e.number for e in transcript.exons if low <= e.spans[finding.build][0] and e.spans[finding.build][1] <= high
    ]
    if not inside or not covered:
        return None
    return Itd(
        "KMT2A",
        build=finding.build,
        chrom=transcript.chrom,
        pos=low,
        site_rule="first_duplicated",
        exons=f"{covered[0]}-{covered[-1]}",
    )
