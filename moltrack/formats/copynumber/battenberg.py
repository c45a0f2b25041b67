"""Battenberg: allele-specific copies per segment with up to two clonal states.

Source  ``subclones.txt`` (chr startpos endpos ... nMaj1_A nMin1_A frac1_A nMaj2_A nMin2_A frac2_A; solutions B to F are not read);
        merged tables with a sample column are read too
Build   not stated
Units   whole copies of tumour cells; ``frac`` = fraction of tumour cells with the state; 1-based, closed
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.copynumber.segments import Segment, calls_of, chromosome
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.model import Record, Refused, Technique


def _sniff(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.has_columns("startpos", "endpos", "nMaj1_A", "nMin1_A", "frac1_A") else Sniff.NO


def read_battenberg(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One segment per state of solution A."""
    table = read_table(
        path, required=("chr", "startpos", "endpos", "nMaj1_A", "nMin1_A", "frac1_A"), limits=options.limits
    )
    found: list[Segment] = []
    for row in table.rows:
        try:
            found.extend(_states(row))
        except FormatError as error:
            yield Refused(row.line, error.message)
    yield from calls_of(path, found, options, tool="Battenberg", lists_all=not table.has("sample"))


def _states(row: Row) -> Iterator[Segment]:
    start, end = row.count("startpos"), row.count("endpos")
    if start is None or end is None or end < start:
        raise row.error("startpos or endpos cannot be used.")
    for state in ("1", "2"):
        major, minor = row.number(f"nMaj{state}_A", 0), row.number(f"nMin{state}_A", 0)
        fraction = row.number(f"frac{state}_A", 0, 1)
        if major is None or minor is None or not fraction:
            continue
        yield Segment(
            line=row.line,
            chrom=chromosome(row.need("chr")),
            start=start - 1,
            end=end,
            sample=row.text("sample"),
            total=major + minor,
            minor=min(major, minor),
            log2=row.number("LogR", -100, 100),
            baf=row.number("BAF", 0, 1),
            fraction=fraction,
        )


BATTENBERG = Format(
    "battenberg",
    "Battenberg",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _sniff,
    read_battenberg,
    versions="2",
    columns_source="Battenberg subclones.txt (github.com/Wedge-lab/battenberg)",
)
