"""Coverage becomes ``not_detected``: the only way to it besides a file's own word.

For every run, every marker of the patient that the run looked at and did not call gets an observation, whatever the order of
files. Lesions and genes that a guideline may ask for get one too, on a marker of their own that stays hidden until detected.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

from moltrack import resources
from moltrack.model import (
    Assay,
    Coverage,
    CoverageScope,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Observation,
    Origin,
    RunRecords,
    SmallVariant,
    Status,
    Technique,
    Tissue,
)
from moltrack.normalize.regions import Places, is_place, whole_genes
from moltrack.quantity import canonical_level

#: Fewest metaphases from which "not seen" means absent (ELN: at least 20 analysed; Döhner, Blood 2022;140:1345).
METAPHASES_NEEDED = 20

#: Flags of a variant that may or may not be the lesion it lies near: no panel of the same sample excludes the lesion then.
OPEN_FLAGS = ("bzip_boundary", "bzip_missense")

#: Quantity that a computed or declared limit of a technique belongs to, when a coverage does not say.
_QUANTITY = {
    Technique.DNA_SEQUENCING: "vaf",
    Technique.FISH: "cell_fraction",
    Technique.KARYOTYPE: "cell_fraction",
    Technique.FLOW: "cell_fraction",
    Technique.QPCR: "normalized_copies",
    Technique.DPCR: "normalized_copies",
}


def lowest_detectable(total: float) -> float:
    """The fraction that ``total`` independent looks show at least once with 95 % probability: 1 - 0.05^(1/n).

    For 20 metaphases 13.9 %, for 10,000 reads 0.030 % (without background; a background raises it).
    """
    return 1.0 - float(0.05 ** (1 / total))


#: A region of a BED that an assay sheet names (1-based, both ends included).
_REGION = re.compile(r"region:(?P<build>\w+):(?P<chrom>[^:]+):(?P<first>\d+)-(?P<last>\d+)")


def assay_coverage(assay: Assay | None) -> Iterator[Coverage]:
    """What an assay sheet says every run of the assay looks at."""
    if assay is None:
        return
    for name in assay.covers:
        if (region := _REGION.fullmatch(name)) is not None:
            yield Coverage(
                CoverageScope.REGION,
                line=0,
                build=region["build"],
                chrom=region["chrom"],
                start=int(region["first"]) - 1,
                end=int(region["last"]),
                limits=assay.limits,
                note=f"assay {assay.id} covers it",
                file=f"assay {assay.id}",
            )
            continue
        scope = CoverageScope.LESION
        chosen = name
        if name.startswith("panel:"):
            scope, chosen = CoverageScope.PANEL, name.removeprefix("panel:")
        elif name == "copy_number":
            scope = CoverageScope.GENOME_COPY_NUMBER
        elif name not in resources.lesions() and name != "fusions" and (symbol := resources.gene_symbol(name)):
            scope, chosen = CoverageScope.GENE, symbol
        elif name not in resources.lesions() and name != "fusions":
            scope = CoverageScope.MEASURED
        yield Coverage(scope, line=0, name=chosen, limits=assay.limits, note=f"assay {assay.id} covers it")


def covers_marker(coverage: Coverage, marker: Marker) -> bool:
    """True when the coverage speaks about this very marker by its gene, lesion or name; for places see :class:`Places`."""
    scope, name = coverage.scope, coverage.name
    if scope is CoverageScope.GENE:
        return marker.kind is MarkerKind.SMALL_VARIANT and name in marker.genes
    if scope is CoverageScope.PANEL:
        panel = resources.panels().get(name)
        if panel is None:
            return False
        return (marker.kind is MarkerKind.SMALL_VARIANT and bool(set(marker.genes) & set(panel.genes))) or bool(
            set(marker.lesions) & set(panel.lesions)
        )
    if scope is CoverageScope.LESION:
        if name == "fusions":
            return marker.kind is MarkerKind.FUSION
        return name in marker.lesions or name == marker.id
    if scope is CoverageScope.GENOME_COPY_NUMBER:
        return marker.kind is MarkerKind.COPY_NUMBER or bool(set(marker.lesions) & copy_number_lesions())
    return scope is CoverageScope.MEASURED and name.lower() in {marker.id.lower(), marker.label.lower()}


def _loci(marker: Marker, builds: Iterable[str]) -> tuple[SmallVariant, ...]:
    """Where a small variant lies, in the other build too if one of ``builds`` is not its own; nothing for other markers.

    Depth over a position says something about substitutions and small indels there; whether a caller could have seen a
    duplication or a junction is for its assay to say.
    """
    from moltrack.normalize.hgvs import in_other_build

    finding = marker.finding
    if not isinstance(finding, SmallVariant) or finding.pos is None or marker.kind is not MarkerKind.SMALL_VARIANT:
        return ()
    other = None if all(build == finding.build for build in builds) else in_other_build(finding)
    return (finding,) if other is None else (finding, other)


def _position_covered(coverage: Coverage, variant: SmallVariant) -> bool:
    """True when coverage at the place of a variant is of its build and, for a forced call, of its allele."""
    if coverage.build and variant.build and coverage.build != variant.build:
        return False
    return not coverage.alt or (coverage.ref, coverage.alt) == (variant.ref, variant.alt)


@cache
def copy_number_lesions() -> frozenset[str]:
    """Lesions that gain or lose material: what an array can see; balanced ones it cannot."""
    return frozenset(name for name, lesion in resources.lesions().items() if lesion.copy_number)


def lesions_covered(item: Coverage) -> frozenset[str]:
    """Guideline lesions and genes that a coverage speaks about as a whole."""
    if item.scope is CoverageScope.LESION:
        return fusion_lesions() if item.name == "fusions" else frozenset({item.name})
    if item.scope is CoverageScope.GENE:
        return frozenset({item.name, *variant_lesions(item.name)})
    if item.scope is CoverageScope.PANEL:
        return panel_lesions(item.name)
    return copy_number_lesions() if item.scope is CoverageScope.GENOME_COPY_NUMBER else frozenset()


@cache
def panel_lesions(name: str) -> frozenset[str]:
    """The genes and lesions of a panel; none for an unknown one."""
    panel = resources.panels().get(name)
    if panel is None:
        return frozenset()
    return frozenset({*panel.genes, *(own for gene in panel.genes for own in variant_lesions(gene)), *panel.lesions})


@cache
def variant_lesions(gene: str) -> tuple[str, ...]:
    """Lesions that are small variants of that gene alone (``CEBPA_bZIP``): who reads the gene sees them."""
    return tuple(
        name
        for name, lesion in resources.lesions().items()
        if lesion.kind == MarkerKind.SMALL_VARIANT and tuple(lesion.genes) == (gene,)
    )


@cache
def fusion_lesions() -> frozenset[str]:
    """Lesions that a chimeric transcript shows."""
    return frozenset(name for name, lesion in resources.lesions().items() if lesion.chimeric_transcript)


def not_detected(marker: str, run: RunRecords, coverage: Coverage, assay: Assay | None, tissue: Tissue) -> Observation:
    """The observation that coverage without a call amounts to."""
    technique = coverage.technique or run.run.technique
    quantity, limits = _limits(coverage, assay, technique)
    status = Status.NOT_DETECTED if coverage.evaluable else Status.NOT_EVALUABLE
    return Observation(
        patient=run.run.patient,
        sample=run.run.sample,
        marker=marker,
        assay=coverage.assay or run.run.assay,
        technique=technique,
        tissue=tissue,
        status=status,
        part=run.run.part,
        quantity=quantity,
        formula=f"{'covered, not called' if coverage.evaluable else 'looked at'}: {coverage.note or coverage.scope}",
        counts=coverage.counts,
        limits=limits,
        text="" if coverage.evaluable else coverage.note,
        flags=tuple(flag for flag in (_technique_flag(technique),) if flag),
        tool=run.run.tool,
        tool_version=run.run.tool_version,
        origins=(
            Origin(coverage.file or run.run.file, coverage.line, coverage.sha256 if coverage.file else run.run.sha256),
        ),
    )


def _technique_flag(technique: Technique) -> str:
    return {Technique.FISH: "by_fish", Technique.ARRAY: "by_array"}.get(technique, "")


def _limits(coverage: Coverage, assay: Assay | None, technique: Technique) -> tuple[str, tuple[Limit, ...]]:
    """Limits of a look, all of one quantity: the technique's, or the only one that is declared."""
    declared = [(limit, coverage.note or "declared") for limit in coverage.limits]
    declared += [(limit, f"declared for assay {assay.id}") for limit in assay.limits] if assay else []
    usual = _QUANTITY.get(technique, "")
    named = {limit.value.quantity for limit, _ in declared}
    total = coverage.counts.depth or coverage.counts.cells_total
    quantity = usual if usual in named or total or len(named) != 1 else named.pop()
    found: dict[LimitKind, Limit] = {}
    for limit, source in declared:
        value = canonical_level(limit.value)
        if value is not None and limit.value.quantity == quantity:
            found.setdefault(limit.kind, Limit(limit.kind, value, source))
    if LimitKind.LOD not in found and total:
        what = "reads" if coverage.counts.depth else "cells"
        found[LimitKind.LOD] = Limit(
            LimitKind.LOD, lowest_detectable(total), f"95 % of one among {total:g} {what}, no background"
        )
    return quantity if found else "", tuple(sorted(found.values(), key=lambda limit: limit.kind))


#: A coverage with the run it stands in.
Look = tuple[RunRecords, Coverage]


def best_look(looks: Iterable[Look]) -> Look | None:
    """Of several that cover a marker: an evaluable one before a failed one, the most specific, then the deepest."""
    order = {
        CoverageScope.POSITION: 0,
        CoverageScope.REGION: 1,
        CoverageScope.LESION: 2,
        CoverageScope.MEASURED: 2,
        CoverageScope.GENE: 3,
        CoverageScope.PANEL: 4,
    }

    def rank(look: Look) -> tuple[bool, int, float, str, str, int, str]:
        run, item = look
        deep = item.counts.depth or item.counts.cells_total or 0
        return not item.evaluable, order.get(item.scope, 5), -deep, run.run.part, run.run.file, item.line, repr(item)

    return min(looks, key=rank, default=None)


def absences(
    runs: Iterable[RunRecords],
    markers: Mapping[str, Marker],
    observed: Sequence[Observation],
    assays: Mapping[str, Assay],
    tissues: Mapping[str, Tissue],
) -> tuple[list[Observation], dict[str, Marker]]:
    """Observations that follow from coverage, and the hidden lesion markers they need.

    Parameters
    ----------
    observed
        What calls said: a marker that has an observation in a sample and assay gets no second one there.
    """
    made: list[Observation] = []
    lesion_markers: dict[str, Marker] = {}
    seen, told, doubted = _seen(observed), _told(observed, markers), _doubted(observed, markers)
    # Files of one assay (Strelka SNV and indel) are one look at the sample.
    for (sample, assay_id), group in _by_assay(runs).items():
        assay = assays.get(assay_id)
        of_assay = tuple(assay_coverage(assay))
        named = [(run, item) for run in group for item in (*run.coverage, *of_assay) if not is_place(item)]
        placed = [(run, Places(run.coverage)) for run in group if any(map(is_place, run.coverage))]
        declared = [(run, Places(of_assay)) for run in group if any(map(is_place, of_assay))]
        if not (named or placed or declared):
            continue
        missed = {
            marker.id: (
                marker,
                # What a file shows of a place comes before what its assay is declared to reach.
                [look for look in named if covers_marker(look[1], marker)]
                + (_over(marker, placed) or _over(marker, declared)),
            )
            for marker in markers.values()
            if not marker.parent
        }
        by_lesion: dict[str, list[Look]] = {}
        for look in named:
            for lesion in lesions_covered(look[1]):
                by_lesion.setdefault(lesion, []).append(look)
        for run, _ in declared or placed:
            run = replace(run, coverage=run.coverage + of_assay) if declared else run
            for gene in whole_genes(run, partial(_weakness, assay=assay, technique=run.run.technique)):
                by_lesion.setdefault(gene.name, []).append((run, gene))
        for lesion in sorted(by_lesion.keys() - told.get((sample, assay_id), set())):
            marker = lesion_marker(lesion)
            if is_asked(lesion) and not missed.get(marker.id, (marker, []))[1]:
                missed[marker.id] = (marker, by_lesion[lesion])
        for marker, matching in missed.values():
            best = best_look(matching)
            if best is None or marker.id in seen.get((sample, assay_id), ()):
                continue
            item = not_detected(marker.id, *best, assay, tissues.get(sample, Tissue.UNKNOWN))
            if marker.finding is None:
                doubts = [why for lesion in marker.lesions if (why := doubted.get((sample, lesion)))]
                item = replace(item, status=Status.NOT_EVALUABLE, flags=(*item.flags, *doubts)) if doubts else item
            made.append(item)
            if marker.id not in markers:
                lesion_markers[marker.id] = marker
    return made, lesion_markers


def _over(marker: Marker, placed: Sequence[tuple[RunRecords, Places]]) -> list[Look]:
    """The regions and positions over a small variant."""
    builds = {build for _, places in placed for build in places.builds}
    return [
        (run, item)
        for variant in _loci(marker, builds)
        for run, places in placed
        for item in places.over(variant.chrom, (variant.pos or 0) - 1, variant.pos or 0)
        if _position_covered(item, variant)
    ]


def _weakness(region: Coverage, assay: Assay | None, technique: Technique) -> float:
    """The limit of detection of a region; without one it is the weakest."""
    _, limits = _limits(region, assay, region.technique or technique)
    return next((limit.value for limit in limits if limit.kind is LimitKind.LOD), math.inf)


def _seen(observed: Iterable[Observation]) -> dict[tuple[str, str], set[str]]:
    """(sample, assay) -> markers that have an observation there; callers of one merged file count as its assay."""
    found: dict[tuple[str, str], set[str]] = {}
    for item in observed:
        found.setdefault((item.sample, item.assay.split(":")[0]), set()).add(item.marker)
    return found


def _told(observed: Iterable[Observation], markers: Mapping[str, Marker]) -> dict[tuple[str, str], set[str]]:
    """(sample, assay) -> lesions that its calls speak about: one variant that is not there says nothing of its gene."""
    found: dict[tuple[str, str], set[str]] = {}
    for item in observed:
        marker = markers[item.marker]
        if item.status is not Status.NOT_DETECTED or not isinstance(marker.finding, SmallVariant):
            found.setdefault((item.sample, item.assay.split(":")[0]), set()).update(marker.lesions)
    return found


def _doubted(observed: Iterable[Observation], markers: Mapping[str, Marker]) -> dict[tuple[str, str], str]:
    """(sample, lesion) -> the flag that leaves it open whether a variant seen there is the lesion."""
    return {
        (item.sample, lesion): flag
        for item in observed
        for flag in item.flags
        if flag in OPEN_FLAGS and markers[item.marker].finding is None
        for lesion in markers[item.marker].lesions
    }


def _by_assay(runs: Iterable[RunRecords]) -> dict[tuple[str, str], list[RunRecords]]:
    grouped: dict[tuple[str, str], list[RunRecords]] = {}
    for run in runs:
        grouped.setdefault((run.run.sample, run.run.assay), []).append(run)
    return grouped


def is_asked(lesion: str) -> bool:
    """True for lesions of the references and for genes of the myeloid set: what a guideline may ask for."""
    return lesion in resources.lesions() or lesion in resources.gene_set("myeloid")


def lesion_marker(lesion: str) -> Marker:
    """The marker that a lesion as a whole is: the fusion it stands for, or the lesion by its own id; hidden until detected."""
    known = resources.lesions().get(lesion)
    if known is None:
        return Marker(
            lesion,
            MarkerKind.SMALL_VARIANT,
            f"{lesion} (any pathogenic variant)",
            (lesion,),
            (lesion,),
            tracked=False,
            why="never detected",
        )
    kind = MarkerKind(known.kind)
    return Marker(known.marker, kind, known.label, tuple(known.genes), (lesion,), tracked=False, why="never detected")
