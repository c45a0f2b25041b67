"""LongGF: gene fusions of long reads, from the program's log.

Source  LongGF README: lines ``GF<TAB>gene:gene reads ... supporting reads=n/n positions ... chr:pos reads chr:pos reads``
Order   the two genes are not told 5' to 3'
Level   supporting reads; each long read crosses the junction
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.formats.files import Head, read_text
from moltrack.formats.fusions.partners import breakpoint_of, partner
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.model import Call, Counts, FileInfo, Fusion, Printed, Record, Refused, Result, Technique

_LINE = re.compile(r"GF\s+(?P<first>[^\s:]+):(?P<second>\S+)\s+(?P<reads>\d+)\s+\d+\s+supporting reads=")
_SITE = re.compile(r"\s(chr[^\s:]+|[\dXYM]+|MT):(\d+)\s")


def sniff(head: Head) -> Sniff:
    return Sniff.CERTAIN if any(_LINE.match(line) for line in head.lines) else Sniff.NO


def read(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per ``GF`` line; the other lines of the log say nothing of fusions."""
    records: list[Record] = []
    for number, line in enumerate(read_text(path, limits=options.limits).split("\n"), start=1):
        if line.startswith(("GF\t", "GF ")):
            records.append(_call(line, number, options.build))
    yield FileInfo(
        tool="longgf", build=options.build, build_evidence="option" if options.build else "", rows=len(records)
    )
    yield from records


def _call(line: str, number: int, build: str) -> Call | Refused:
    match = _LINE.match(line)
    sites = _SITE.findall(line[match.end() :] + " ") if match else []
    if match is None or len(sites) != 2:
        return Refused(number, "is not a gene pair with its reads and two positions.")
    reads = int(match["reads"])
    return Call(
        Fusion(
            partner(match["first"]).gene,
            partner(match["second"]).gene,
            ordered=False,
            build=build,
            breakpoint5=breakpoint_of(*sites[0]),
            breakpoint3=breakpoint_of(*sites[1]),
        ),
        number,
        result=Result.POSITIVE if reads else Result.NEGATIVE,
        levels=(Printed("junction_reads", Decimal(reads), "reads", match["reads"]),),
        counts=Counts(junction_reads=reads),
    )


LONGGF = Format(
    name="longgf",
    title="LongGF log",
    family="fusions",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff,
    read=read,
    versions="0.1",
    columns_source="LongGF README",
)
