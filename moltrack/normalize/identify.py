"""Which marker a call belongs to: pure functions of all calls of one patient.

Each family of findings has one function here: it takes the patient's calls of that family and gives groups, a group being a
marker with its calls. Calls keep their exact keys; groups are formed by sorted single linkage and named after the smallest key,
so that the result does not depend on the order of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from moltrack import resources
from moltrack.model import (
    Change,
    CopyNumber,
    Finding,
    Fusion,
    Itd,
    KaryotypeEvent,
    Marker,
    MarkerKind,
    Measured,
    Printed,
    Reported,
    Result,
    Run,
    SmallVariant,
    StructuralVariant,
)
from moltrack.normalize.absence import lesion_marker
from moltrack.normalize.observe import RunCall

if TYPE_CHECKING:
    from moltrack.normalize.copynumber import Hit
    from moltrack.normalize.fusions import FusionPair


@dataclass(frozen=True, slots=True)
class Group:
    """A marker with the calls that are of it.

    ``combine`` says how several calls of one run make a level: ``replicates``, ``variant`` (``parts`` are substitutions of an
    MNV), ``sum`` over clones, the leading one of ``isoforms``, the ``maximum``, or the ``text`` of conclusions.
    """

    marker: Marker
    calls: tuple[RunCall, ...]
    combine: str = "replicates"
    parts: frozenset[int] = frozenset()


def group_by_finding(calls: Iterable[RunCall]) -> dict[type[Finding], list[RunCall]]:
    """Calls by the type of their finding, ITDs that came as small or structural variants among the ITDs."""
    from moltrack.normalize.itd import itd_from_small_variant, itd_from_structural

    grouped: dict[type[Finding], list[RunCall]] = {}
    for item in calls:
        finding = item.call.finding
        itd = None
        if isinstance(finding, SmallVariant):
            itd = itd_from_small_variant(finding)
        elif isinstance(finding, StructuralVariant):
            itd = itd_from_structural(finding)
        if itd is not None:
            item = RunCall(item.run, replace(item.call, finding=itd))
        grouped.setdefault(type(item.call.finding), []).append(item)
    return grouped


# --- small variants ---------------------------------------------------------------------------------------------------


def small_variants(calls: Sequence[RunCall]) -> list[Group]:
    """One marker per variant, whatever its spelling or build (see ``hgvs.group_variants``)."""
    from moltrack.normalize.classes import classify
    from moltrack.normalize.hgvs import canonical, group_variants

    findings = [item.call.finding for item in calls if isinstance(item.call.finding, SmallVariant)]
    groups = []
    for variant in group_variants(findings):
        members = [calls[index] for index in variant.members]
        own = [findings[index] for index in variant.members]
        best = canonical(_best_described(own))
        judged = [
            classify(finding, item.call.classification, item.technique)
            for finding, item in zip(own, members, strict=True)
        ]
        verdict = min(judged, key=lambda item: (_CLASS_ORDER.get(item.classification, 9), item.why))
        spellings = sorted({spelling for finding in own if (spelling := _spelling(finding))})
        joined = (f"same variant: {', '.join(spellings)}",) if len(spellings) > 1 else ()
        pathogenic = verdict.classification in {"pathogenic", "likely_pathogenic"}
        passed = any(not item.call.filters and item.call.result is not Result.NEGATIVE for item in members)
        why = verdict.why or "no class: neither the laboratory, ClinVar nor a named class calls it pathogenic"
        if not passed:
            why = _never_passed(members)
        gene = resources.gene_symbol(best.gene) or best.gene
        groups.append(
            Group(
                Marker(
                    id=variant.key,
                    kind=MarkerKind.SMALL_VARIANT,
                    label=variant_label(best, gene),
                    genes=(gene,) if gene else (),
                    lesions=tuple(sorted(verdict.lesions)),
                    tracked=pathogenic and passed,
                    why=why,
                    classification=verdict.classification,
                    joined=joined + (variant.reasons if joined else ()),
                    finding=best,
                    flags=tuple(sorted(set(verdict.flags) | _build_flags(own, variant.reasons))),
                ),
                tuple(members),
                combine="variant",
                parts=frozenset(variant.members.index(index) for index in variant.components),
            )
        )
    return groups


def _never_passed(members: Sequence[RunCall]) -> str:
    """Why calls without a positive, unfiltered one make no tracked marker."""
    filters = sorted({name for item in members for name in item.call.filters})
    return f"only seen with FILTER {';'.join(filters)}" if filters else "never detected"


def _build_flags(findings: Sequence[SmallVariant], reasons: Sequence[str]) -> set[str]:
    return (
        {"build_apart"}
        if any("not joined by position" in reason for reason in reasons) and findings[0].build
        else set()
    )


_CLASS_ORDER = {"pathogenic": 0, "likely_pathogenic": 1, "uncertain": 2, "": 3, "likely_benign": 4, "benign": 5}


def _best_described(findings: Sequence[SmallVariant]) -> SmallVariant:
    """The record that says most: position, HGVS c., p., gene; ties by its allele, then its text, so that order does not matter."""

    if len(findings) == 1:
        return findings[0]
    ranks = [
        (f.pos is None, not f.hgvs_c, not f.hgvs_p, not f.gene, f.build, f.chrom, f.pos or 0, f.ref, f.alt)
        for f in findings
    ]
    best = min(ranks)
    return min((finding for finding, rank in zip(findings, ranks, strict=True) if rank == best), key=repr)


def _spelling(finding: SmallVariant) -> str:
    if finding.pos is not None:
        return f"{finding.build or 'build unknown'} {finding.chrom}:{finding.pos} {finding.ref}>{finding.alt}"
    return " ".join(part for part in (finding.gene, finding.hgvs_c, finding.hgvs_p) if part)


def variant_label(finding: SmallVariant, gene: str) -> str:
    """Gene with p. or c. name; the locus where there is neither."""
    from moltrack.normalize.hgvs import hotspot_name

    name = finding.hgvs_p.split(":")[-1] or finding.hgvs_c.split(":")[-1]
    if not name and finding.pos is not None:
        name = hotspot_name(finding) or f"{finding.chrom}:{finding.pos} {finding.ref}>{finding.alt}"
    return f"{gene} {name}".strip()


# --- internal tandem duplications -------------------------------------------------------------------------------------


def itds(calls: Sequence[RunCall]) -> list[Group]:
    """One aggregate marker per gene (the sum of its clones) and one per clone (site and length)."""
    from moltrack.normalize.itd import cluster

    groups = []
    by_gene: dict[str, list[RunCall]] = {}
    for item in calls:
        finding = item.call.finding
        assert isinstance(finding, Itd)
        by_gene.setdefault(resources.gene_symbol(finding.gene) or finding.gene, []).append(item)
    for gene, members in sorted(by_gene.items()):
        name, lesion = ITD_NAMES.get(gene, (f"{gene}-ITD", ""))
        passed = any(not item.call.filters and item.call.result is not Result.NEGATIVE for item in members)
        aggregate = Marker(
            name,
            MarkerKind.ITD,
            name,
            (gene,),
            (lesion,) if lesion else (),
            tracked=passed,
            why="internal tandem duplication" if passed else _never_passed(members),
            classification="pathogenic" if lesion else "",
            finding=Itd(gene, aggregate=True),
        )
        groups.append(Group(aggregate, tuple(members), combine="sum"))
        clones = [
            item
            for item in members
            if isinstance(item.call.finding, Itd)
            and not item.call.finding.aggregate
            and item.call.finding.length is not None
        ]
        for clone in cluster([item.call.finding for item in clones if isinstance(item.call.finding, Itd)]):
            own = tuple(clones[index] for index in clone.members)
            marker = Marker(
                f"{name} {clone.name}",
                MarkerKind.ITD,
                f"{name} {clone.name}",
                (gene,),
                (),
                parent=name,
                tracked=passed,
                why=f"clone of {name}",
                joined=(clone.reason,) if clone.reason else (),
                finding=clone.finding,
                flags=clone.flags,
            )
            groups.append(Group(marker, own))
    return groups


#: Gene -> name of its duplication and the lesion it is.
ITD_NAMES = {
    "FLT3": ("FLT3-ITD", "FLT3_ITD"),
    "KMT2A": ("KMT2A-PTD", "KMT2A_PTD"),
    "UBTF": ("UBTF-TD", "UBTF_TD"),
    "BCOR": ("BCOR-ITD", "BCOR_ITD"),
}


# --- fusions ----------------------------------------------------------------------------------------------------------


def fusions(calls: Sequence[RunCall]) -> list[Group]:
    """One marker per gene pair; where it has several junctions each is an isoform under it, with its own reads, none dropped."""
    from moltrack.normalize.fusions import cluster_junctions, fusion_pairs

    findings = [item.call.finding for item in calls if isinstance(item.call.finding, Fusion)]
    by_pair: dict[str, list[tuple[RunCall, FusionPair]]] = {}
    for item, pair in zip(calls, fusion_pairs(findings), strict=True):
        by_pair.setdefault(pair.name, []).append((item, pair))
    groups = []
    for name, entries in sorted(by_pair.items()):
        members = [item for item, _ in entries]
        first = entries[0][1]
        lesions = tuple(sorted({lesion for _, pair in entries for lesion in pair.lesions}))
        genes = tuple(dict.fromkeys(gene for gene in (first.gene5, first.gene3) if gene))
        forward = [item for item, pair in entries if not pair.is_reciprocal]
        flags = {flag for _, pair in entries for flag in pair.flags if all(flag in other.flags for _, other in entries)}
        tracked, why = _fusion_tracked(name, lesions, genes, members)
        printed = {
            f"{f.gene5}::{f.gene3}"
            for f in (item.call.finding for item in members)
            if isinstance(f, Fusion) and f.gene3
        }
        marker = Marker(
            name,
            MarkerKind.FUSION,
            name,
            genes,
            lesions,
            tracked=tracked,
            why=why,
            classification="pathogenic" if lesions else "",
            joined=(f"same pair: {', '.join(sorted(printed))}",) if len(printed) > 1 else (),
            finding=Fusion(first.gene5, first.gene3),
            flags=tuple(sorted(flags if forward else flags | {"reciprocal_only"})),
        )
        groups.append(Group(marker, tuple(_driving(entries)), combine="isoforms"))
        junctions = cluster_junctions([item.call.finding for item in forward if isinstance(item.call.finding, Fusion)])
        for junction in junctions if len(junctions) > 1 else ():
            isoform = replace(
                marker,
                id=f"{name} {junction.name}",
                label=f"{name} {junction.name}",
                lesions=(),
                parent=name,
                why=f"junction of {name}",
                joined=(),
                finding=junction.finding,
            )
            groups.append(Group(isoform, tuple(forward[index] for index in junction.members)))
    return groups


def _driving(entries: Sequence[tuple[RunCall, FusionPair]]) -> list[RunCall]:
    """The calls that speak for a pair: the driving direction; in runs that saw only the reciprocal, that, flagged.

    Once the driving direction is known a reciprocal is a detection without level: it is not on that scale.
    """
    forward = [item for item, pair in entries if not pair.is_reciprocal]
    if not forward:
        return [item for item, _ in entries]
    seen = {(item.run.sample, item.assay) for item in forward}
    alone = [item for item, pair in entries if pair.is_reciprocal and (item.run.sample, item.assay) not in seen]
    return forward + [
        RunCall(item.run, replace(item.call, levels=(), notes=(*item.call.notes, "reciprocal_only"))) for item in alone
    ]


def _fusion_tracked(
    name: str, lesions: tuple[str, ...], genes: tuple[str, ...], members: Sequence[RunCall]
) -> tuple[bool, str]:
    if not any(not item.call.filters and item.call.result is not Result.NEGATIVE for item in members):
        return False, _never_passed(members)
    if lesions:
        return True, f"lesion {', '.join(lesions)}"
    if name in {known.fusion for known in resources.known_fusions()}:
        return True, "fusion described in myeloid neoplasms"
    if any(isinstance(item.call.finding, Fusion) and item.call.finding.rearranged_only for item in members):
        partners = set(genes) & _partners_of_known_fusions()
        if partners:
            return (
                True,
                f"rearranges {', '.join(sorted(partners))}, a partner of fusions described in myeloid neoplasms",
            )
    from_list = any(not item.call.counts.junction_reads and not item.call.counts.spanning_reads for item in members)
    confident = [
        item
        for item in members
        if isinstance(item.call.finding, Fusion)
        and item.call.finding.confidence.lower() not in {"low", "lowconfidence"}
    ]
    myeloid = set(genes) & resources.gene_set("myeloid")
    if myeloid and (confident or from_list):
        return True, f"rearranges {', '.join(sorted(myeloid))} of the myeloid set"
    return False, "partners are not in the myeloid set" if not myeloid else "low confidence"


@cache
def _partners_of_known_fusions() -> frozenset[str]:
    return frozenset(gene for known in resources.known_fusions() for gene in (known.gene5, known.gene3))


# --- structural variants ----------------------------------------------------------------------------------------------


def structural_variants(calls: Sequence[RunCall]) -> list[Group]:
    """Events of SV callers that join no two genes: one marker per type and pair of positions (within 10 bp), hidden."""
    members: list[tuple[tuple[str, str, int, str, int], RunCall]] = []
    for item in calls:
        finding = item.call.finding
        assert isinstance(finding, StructuralVariant)
        one, two = finding.side1, finding.side2 or finding.side1
        key = (
            finding.sv_type,
            one.chrom if one else "",
            one.pos if one else 0,
            two.chrom if two else "",
            two.pos if two else 0,
        )
        members.append((key, item))
    groups: list[Group] = []
    current: list[tuple[tuple[str, str, int, str, int], RunCall]] = []
    for entry in sorted(members, key=lambda entry: entry[0]):
        if current and not _near(current[0][0], entry[0]):
            groups.append(_structural_group(current))
            current = []
        current.append(entry)
    if current:
        groups.append(_structural_group(current))
    return groups


def _near(one: tuple[str, str, int, str, int], two: tuple[str, str, int, str, int], tolerance: int = 10) -> bool:
    same = (one[0], one[1], one[3]) == (two[0], two[1], two[3])
    return same and abs(one[2] - two[2]) <= tolerance and abs(one[4] - two[4]) <= tolerance


def _structural_group(entries: Sequence[tuple[tuple[str, str, int, str, int], RunCall]]) -> Group:
    key = entries[0][0]
    finding = entries[0][1].call.finding
    assert isinstance(finding, StructuralVariant)
    genes = tuple(
        sorted(
            {
                symbol
                for symbol in (resources.gene_symbol(finding.gene1), resources.gene_symbol(finding.gene2))
                if symbol
            }
        )
    )
    label = f"{key[0]} {key[1]}:{key[2]}" + (f"-{key[3]}:{key[4]}" if (key[1], key[2]) != (key[3], key[4]) else "")
    return Group(
        Marker(
            label,
            MarkerKind.STRUCTURAL_VARIANT,
            " ".join([*genes, label]),
            genes,
            tracked=False,
            why="no class for structural variants without a fusion",
            finding=finding,
        ),
        tuple(item for _, item in entries),
    )


# --- cytogenetics and copy number -------------------------------------------------------------------------------------


def karyotype_events(calls: Sequence[RunCall]) -> list[Group]:
    """One marker per abnormality; one that a lesion names goes to the lesion's marker, where FISH, arrays and RNA meet it."""
    groups: dict[str, tuple[Marker, list[RunCall]]] = {}
    for item in calls:
        finding = item.call.finding
        assert isinstance(finding, KaryotypeEvent)
        if finding.constitutional:
            marker = Marker(
                f"{finding.text} (constitutional)",
                MarkerKind.KARYOTYPE_EVENT,
                f"{finding.text} (constitutional)",
                tracked=False,
                why="constitutional",
                finding=finding,
            )
            groups.setdefault(marker.id, (marker, []))[1].append(item)
            continue
        for lesion in finding.lesions:
            marker = replace(lesion_marker(lesion), tracked=True, why=f"{finding.text} in the karyotype")
            groups.setdefault(marker.id, (marker, []))[1].append(item)
        if not finding.lesions:
            marker = Marker(
                finding.text,
                MarkerKind.KARYOTYPE_EVENT,
                finding.text,
                why="abnormality of the karyotype",
                finding=replace(finding, clones=()),
            )
            groups.setdefault(marker.id, (marker, []))[1].append(item)
    return [Group(marker, tuple(members), combine="maximum") for _, (marker, members) in sorted(groups.items())]


def measured(calls: Sequence[RunCall]) -> list[Group]:
    """One marker per kind, name and population."""
    groups: dict[str, tuple[Marker, list[RunCall]]] = {}
    for item in calls:
        finding = item.call.finding
        assert isinstance(finding, Measured)
        label = finding.name + (f" on {finding.population}" if finding.population else "")
        gene = resources.gene_symbol(finding.gene) if finding.gene else None
        marker = Marker(label, finding.kind, label, (gene,) if gene else (), why="measured", finding=finding)
        groups.setdefault(label.lower(), (marker, []))[1].append(item)
    return [
        Group(min((marker, *()), key=lambda m: m.id), tuple(members)) for _, (marker, members) in sorted(groups.items())
    ]


def reported(calls: Sequence[RunCall]) -> list[Group]:
    """One marker per topic; the conclusion is the observation's text."""
    groups: dict[str, list[RunCall]] = {}
    for item in calls:
        finding = item.call.finding
        assert isinstance(finding, Reported)
        groups.setdefault(finding.topic.strip().lower(), []).append(item)
    found = []
    for topic, members in sorted(groups.items()):
        label = min(item.call.finding.topic for item in members if isinstance(item.call.finding, Reported))
        found.append(
            Group(
                Marker(
                    f"reported: {topic}",
                    MarkerKind.REPORTED,
                    f"{label} (as reported)",
                    why="a conclusion without its finding",
                    finding=None,
                ),
                tuple(members),
                combine="text",
            )
        )
    return found


def copy_numbers(calls: Sequence[RunCall], sex: str) -> list[Group]:
    """Gains, losses and CN-LOH as markers of the lesions and genes they hit.

    A gene (FISH) or bands (``arr``) speak for themselves; the segments of one run are looked at together, since a chromosome
    lost in three pieces is one monosomy.
    """
    from moltrack.normalize.copynumber import events_of_segments, lesions_of

    groups: dict[str, tuple[Marker, list[RunCall]]] = {}

    def add(hit: Hit, item: RunCall) -> None:
        if hit.change is Change.NORMAL and item.call.result is None:
            item = RunCall(item.run, replace(item.call, result=Result.NEGATIVE))
        if hit.lesion:
            seen = item.call.result is not Result.NEGATIVE
            marker = replace(lesion_marker(hit.lesion), tracked=seen, why=hit.reason if seen else "never detected")
            known = groups.get(marker.id)
            if known is not None and seen and not known[0].tracked:
                groups[marker.id] = (marker, known[1])
        else:
            marker = Marker(
                hit.name,
                MarkerKind.COPY_NUMBER,
                hit.name,
                (hit.gene,) if hit.gene else (),
                tracked=hit.change not in {Change.UNKNOWN, Change.NORMAL} and item.call.result is not Result.NEGATIVE,
                why=hit.reason,
                finding=item.call.finding,
            )
        groups.setdefault(marker.id, (marker, []))[1].append(item)

    segments: dict[tuple[Run, str], list[RunCall]] = {}
    for item in calls:
        finding = item.call.finding
        assert isinstance(finding, CopyNumber)
        if finding.start is not None and not finding.gene:
            # A table may hold arrays of both builds: each row's own build counts, the file's where a row names none.
            segments.setdefault((item.run, finding.build or item.run.build), []).append(item)
            continue
        for hit in lesions_of(finding, sex):
            add(hit, _with_fraction(item, hit))
    for (_, build), members in segments.items():
        findings = [item.call.finding for item in members if isinstance(item.call.finding, CopyNumber)]
        for hit in events_of_segments(findings, build, sex):
            longest = _segment_of(hit, members, build)
            if longest is not None:
                add(hit, _with_fraction(longest, hit))
    return [Group(marker, tuple(members), combine="maximum") for _, (marker, members) in sorted(groups.items())]


def _segment_of(hit: Hit, members: Sequence[RunCall], build: str) -> RunCall | None:
    """The longest segment behind a hit, with the lines of the others in its notes."""
    own = []
    for item in members:
        finding = item.call.finding
        if not isinstance(finding, CopyNumber) or finding.start is None or finding.end is None:
            continue
        amplified = {finding.change, hit.change} == {Change.GAIN, Change.AMPLIFICATION}
        if finding.chrom == hit.chrom and (finding.change is hit.change or amplified):
            own.append((finding.end - finding.start, item))
    if hit.gene and len(own) > 1:
        spans = resources.gene_regions([hit.gene], build, padding=0)
        over = [(size, item) for size, item in own if any(_overlaps(item, start, end) for _, start, end, _ in spans)]
        own = over or own
    if not own:
        return None
    own.sort(key=lambda entry: (-entry[0], entry[1].call.line))
    chosen = own[0][1]
    others = ", ".join(str(item.call.line) for _, item in own[1:6])
    if not others or hit.gene:
        return chosen
    return RunCall(chosen.run, replace(chosen.call, notes=(*chosen.call.notes, f"with lines {others}")))


def _overlaps(item: RunCall, start: int, end: int) -> bool:
    finding = item.call.finding
    return isinstance(finding, CopyNumber) and (finding.start or 0) < end and start < (finding.end or 0)


def _with_fraction(item: RunCall, hit: Hit) -> RunCall:
    """The call with the fraction of cells that its copies or log ratio amount to, where it prints none."""
    if hit.fraction is None or any(printed.quantity == "cell_fraction" for printed in item.call.levels):
        return item
    value = Decimal(str(round(hit.fraction, 4)))
    computed = Printed("cell_fraction", value, "fraction", f"{value} (computed)")
    return RunCall(item.run, replace(item.call, levels=(computed, *item.call.levels), formula=hit.formula))


#: Type of finding -> the function that makes markers of its calls. Copy numbers need the sex, whole karyotypes are read flag by
#: flag (both in ``derive``).
FAMILIES: dict[type[Finding], Callable[[Sequence[RunCall]], list[Group]]] = {
    SmallVariant: small_variants,
    Itd: itds,
    Fusion: fusions,
    StructuralVariant: structural_variants,
    KaryotypeEvent: karyotype_events,
    Measured: measured,
    Reported: reported,
}
