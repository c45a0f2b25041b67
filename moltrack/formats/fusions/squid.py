"""SQUID: transcriptomic structural variants as BEDPE, with gene pairs after annotation.

Source  SQUID README; ``AnnotateSQUIDOutput.py`` of its repository for ``Type`` and ``FusedGenes``
Base    0-based half-open intervals; the breakpoint is the end of a ``+`` side and the start of a ``-`` side
Order   sides are in genomic order; ``FusedGenes`` is 5':3'. Which side is which gene is looked up by position
Level   ``score``: supporting reads, junction reads and pairs together
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack import resources
from moltrack.errors import FormatError
from moltrack.formats.files import Head
from moltrack.formats.fusions.partners import breakpoint_of, partner
from moltrack.formats.fusions.table import NO_READS
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.model import (
    Breakpoint,
    Call,
    Counts,
    FileInfo,
    Finding,
    Fusion,
    Printed,
    Record,
    Refused,
    Result,
    StructuralVariant,
    Technique,
)

COLUMNS = ("chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score", "strand1", "strand2")
BUILDS = ("GRCh37", "GRCh38")


def sniff(head: Head) -> Sniff:
    """Certain with a column of SQUID's own; the ten of BEDPE alone could be another tool's."""
    if not head.has_columns(*COLUMNS):
        return Sniff.NO
    return (
        Sniff.CERTAIN if head.has_columns("FusedGenes") or head.has_columns("num_concordantfrag_bp1") else Sniff.LIKELY
    )


def read(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per junction: a fusion where two genes are named, else a structural variant."""
    table = read_table(path, required=COLUMNS, limits=options.limits)
    records: list[Record] = []
    for row in table.rows:
        try:
            records.append(_call(row, options.build))
        except FormatError as error:
            records.append(Refused(row.line, error.message))
    yield FileInfo(
        tool="squid",
        build=options.build,
        build_evidence="option" if options.build else "",
        header_only=not table.rows,
        rows=len(table.rows),
        kept=sum(isinstance(r, Call) for r in records),
    )
    yield from records


def _call(row: Row, build: str) -> Call:
    first, second = _side(row, "1"), _side(row, "2")
    pairs = [pair for pair in row.text("FusedGenes").split(",") if pair]
    notes = ["supporting reads: the caller does not tell junction reads from spanning pairs"]
    if len(pairs) > 1:
        notes.append(f"several gene pairs: {','.join(pairs)}")
    finding: Finding
    if pairs and ":" in pairs[0]:
        gene5, gene3 = (partner(name).gene for name in pairs[0].split(":", 1))
        settled = _in_order(gene5, gene3, first, second, (build,) if build else BUILDS)
        if settled is None:
            notes.append("which side is which gene is not told")
        side5, side3 = (second, first) if settled is False else (first, second)
        finding = Fusion(gene5, gene3, ordered=settled is not None, build=build, breakpoint5=side5, breakpoint3=side3)
    else:
        finding = StructuralVariant("BND", build=build, side1=first, side2=second)
        notes.append("no pair of genes at this junction")
    reads = row.count("score")
    if reads == 0:
        notes.append(NO_READS)
    return Call(
        finding,
        row.line,
        result=None if reads is None else Result.POSITIVE if reads else Result.NEGATIVE,
        levels=(Printed("junction_reads", Decimal(reads), "reads", row.text("score")),) if reads is not None else (),
        counts=Counts(junction_reads=reads),
        technique=Technique.RNA_SEQUENCING,
        notes=tuple(notes),
        extra=(("type", row.text("Type")),) if row.text("Type") else (),
    )


def _side(row: Row, number: str) -> Breakpoint:
    strand = row.raw(f"strand{number}")  # "-" is a strand here, not a missing value
    if strand not in {"+", "-"}:
        raise row.error(f"column 'strand{number}' holds '{strand}', expected + or -.")
    start, end = row.count(f"start{number}"), row.count(f"end{number}")
    if start is None or end is None:
        raise row.error(f"side {number} has no position.")
    side = breakpoint_of(row.need(f"chrom{number}"), str(end if strand == "+" else start + 1), strand)
    if side is None:
        raise row.error(f"side {number} has no position.")
    return side


def _in_order(gene5: str, gene3: str, first: Breakpoint, second: Breakpoint, builds: tuple[str, ...]) -> bool | None:
    """True when the first side is the 5' gene's, False when the second is, None when the references cannot tell."""
    forward = _is_at(gene5, first, builds) or _is_at(gene3, second, builds)
    backward = _is_at(gene5, second, builds) or _is_at(gene3, first, builds)
    return None if forward == backward else forward


def _is_at(gene: str, side: Breakpoint, builds: tuple[str, ...]) -> bool:
    symbol = resources.gene_symbol(gene) or gene
    return any(symbol in resources.genes_at(build, side.chrom, side.pos) for build in builds)


SQUID = Format(
    name="squid",
    title="SQUID",
    family="fusions",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff,
    read=read,
    versions="1.4 and 1.5",
    columns_source="SQUID README and AnnotateSQUIDOutput.py",
)
