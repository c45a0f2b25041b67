"""Regions that a run covered: which lie over a place, and which genes they cover as a whole.

A gene is read as a whole when every coding base of its MANE Select transcript is. Where a named class says that the gene counts as
mutated by it alone (NPM1), the exons of that class suffice; a lesion that one class makes (``CEBPA_bZIP``, ``FLT3_TKD``) lies in the
codons of the class and of its boundary. Duplications are never excluded this way, nor the genes that they are the usual lesion of:
depth does not tell whether a caller could have seen one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate

from moltrack import resources
from moltrack.model import Coverage, CoverageScope, MarkerKind, RunRecords
from moltrack.resources import Transcript

#: Reads below which a base does not count as read for a gene as a whole: 20 show 13.9 % with 95 % probability, as 20 metaphases do (convention).
READS_NEEDED = 20

Span = tuple[int, int]


def is_place(item: Coverage) -> bool:
    """True for coverage of a region or a position."""
    return item.scope in {CoverageScope.REGION, CoverageScope.POSITION} and item.start is not None


class Places:
    """Regions and positions that a run looked at, found by place; ``builds`` are those they are of ("" = not stated)."""

    def __init__(self, coverage: Iterable[Coverage]) -> None:
        by_chrom: dict[str, list[tuple[int, int, Coverage]]] = {}
        self.builds: set[str] = set()
        for item in coverage:
            if is_place(item):
                self.builds.add(item.build)
                by_chrom.setdefault(item.chrom, []).append((item.start or 0, item.end or 0, item))
        self._sorted = {chrom: sorted(items, key=lambda entry: entry[:2]) for chrom, items in by_chrom.items()}
        self._starts = {chrom: [start for start, _, _ in items] for chrom, items in self._sorted.items()}
        #: The largest end so far: where it lies before a place, nothing further left reaches it.
        self._reach = {
            chrom: list(accumulate((end for _, end, _ in items), max)) for chrom, items in self._sorted.items()
        }

    def over(self, chrom: str, start: int, end: int) -> Iterator[Coverage]:
        """What overlaps a stretch (0-based half-open)."""
        items, reach = self._sorted.get(chrom, ()), self._reach.get(chrom, ())
        index = bisect_left(self._starts.get(chrom, ()), end)
        while index and reach[index - 1] > start:
            index -= 1
            if items[index][1] > start:
                yield items[index][2]


# --- genes as a whole -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """What must be read to answer for a lesion: ``parts`` are exon number, start and end; ``words`` name them all."""

    lesion: str
    transcript: Transcript
    parts: tuple[tuple[int, int, int], ...]
    words: str


def whole_genes(run: RunRecords, weakness: Callable[[Coverage], float]) -> Iterator[Coverage]:
    """Coverage of each gene and lesion that the regions of a run read as a whole; not evaluable where only some exons are.

    A base that any region of the run shows as failed or too shallow is not read. Order and splitting of regions change nothing.

    Parameters
    ----------
    weakness
        How little a region can show: of the regions over a gene the weakest stands for it.
    """
    regions: dict[str, list[Coverage]] = {}
    for item in run.coverage:
        if item.scope is CoverageScope.REGION and item.start is not None and item.end is not None:
            regions.setdefault(item.build or run.run.build, []).append(item)
    for build, own in sorted(regions.items()):
        if build in resources.BUILDS:
            yield from _of_build(run, build, own, weakness)


def _of_build(
    run: RunRecords, build: str, regions: list[Coverage], weakness: Callable[[Coverage], float]
) -> Iterator[Coverage]:
    read = _merged(item for item in regions if _is_read(item))
    failed = _merged(item for item in regions if not _is_read(item))
    places = Places(item for item in regions if _is_read(item))
    for target in _targets(build):
        chrom = target.transcript.chrom
        whole = [
            part
            for part in target.parts
            if _contains(read.get(chrom, []), part[1:]) and not _touches(failed.get(chrom, []), part[1:])
        ]
        if not whole:
            continue
        looks = [item for _, start, end in whole for item in places.over(chrom, start, end)]
        weakest = max(looks, key=lambda item: (weakness(item), repr(replace(item, line=0, start=0, end=0, name=""))))
        files = sorted({item.file or run.run.file for item in looks})
        complete = len(whole) == len(target.parts)
        yield Coverage(
            CoverageScope.LESION,
            line=0,
            name=target.lesion,
            counts=weakest.counts,
            limits=weakest.limits,
            evaluable=complete,
            assay=weakest.assay,
            technique=weakest.technique,
            file=weakest.file,
            sha256=weakest.sha256,
            note=f"{target.words if complete else _exons(whole, target)} covered by {', '.join(files)}",
        )


def _is_read(item: Coverage) -> bool:
    return item.evaluable and (item.counts.depth is None or item.counts.depth >= READS_NEEDED)


def _merged(regions: Iterable[Coverage]) -> dict[str, list[Span]]:
    """Stretches by chromosome, in order, joined where they touch."""
    merged: dict[str, list[Span]] = {}
    for chrom, start, end in sorted((item.chrom, item.start or 0, item.end or 0) for item in regions):
        spans = merged.setdefault(chrom, [])
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return merged


def _contains(spans: list[Span], part: Span) -> bool:
    index = bisect_right(spans, (part[0], 1 << 60)) - 1
    return index >= 0 and spans[index][1] >= part[1]


def _touches(spans: list[Span], part: Span) -> bool:
    index = bisect_left(spans, (part[1], -1)) - 1
    return index >= 0 and spans[index][1] > part[0]


def _exons(whole: list[tuple[int, int, int]], target: Target) -> str:
    """``only exons 4-8, 10 of the 11 of TP53``."""
    numbers = sorted(number for number, _, _ in whole)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    shown = ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)
    own = target.transcript
    return f"only exon{'s' if len(numbers) > 1 else ''} {shown} of the {len(own.exons)} of {own.gene}"


@cache
def _targets(build: str) -> tuple[Target, ...]:
    """What answers for each gene of the myeloid set, and for each lesion that is small variants of one gene."""
    found = []
    for gene in sorted(resources.gene_set("myeloid") - _genes_of_duplications()):
        found += _target(gene, gene, build)
    for name, lesion in resources.lesions().items():
        if lesion.kind == MarkerKind.SMALL_VARIANT and len(lesion.genes) == 1:
            found += _target(name, lesion.genes[0], build)
    return tuple(found)


@cache
def _genes_of_duplications() -> frozenset[str]:
    """Genes whose usual lesion is a duplication (FLT3, KMT2A, UBTF): no named class takes variants anywhere in them."""
    duplicated = {
        gene for lesion in resources.lesions().values() if lesion.kind == MarkerKind.ITD for gene in lesion.genes
    }
    anywhere = {gene for own in resources.variant_classes() if not own.codons for gene in own.genes}
    return frozenset(duplicated - anywhere)


def _target(lesion: str, gene: str, build: str) -> list[Target]:
    transcript = resources.transcript(gene)
    if transcript is None or not transcript.coding_exons:
        return []
    for own in resources.variant_classes():
        if lesion in own.lesions and own.codons:
            ranges = own.codons + own.boundary
            first, last = min(first for first, _ in ranges), max(last for _, last in ranges)
            parts = transcript.coding_spans(build, 3 * first - 2, 3 * last)
            return [Target(lesion, transcript, parts, f"codons {first}-{last} of {gene}")] if parts else []
    parts, words = transcript.coding_spans(build), f"all coding exons of {gene}"
    for own in resources.variant_classes():
        if lesion == gene and own.is_whole_gene and gene in own.genes:
            ends = [codon for pair in own.codons for codon in pair]
            numbers = {exon.number for codon in ends if (exon := transcript.exon_of(3 * codon - 2))}
            parts = tuple(part for part in parts if part[0] in numbers)
            words = f"exon {', '.join(map(str, sorted(numbers)))} of {gene} ({own.title})"
    return [Target(lesion, transcript, parts, words)] if parts else []
