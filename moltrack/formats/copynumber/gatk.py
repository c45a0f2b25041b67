"""GATK ModelSegments: copy ratio and minor-allele fraction per segment.

Source  ``.modelFinal.seg``: SAM header (@SQ gives the build, @RG SM the sample), then CONTIG START END ... posterior columns
Units   log2 copy ratio (posterior median); minor-allele fraction; 1-based, closed
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from moltrack.formats.copynumber.segments import Segment, SegmentTable, calls_of, segments_of
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import read_table
from moltrack.model import Record, Refused, Technique

MODEL = SegmentTable(
    "CONTIG", "START", "END", log2="LOG2_COPY_RATIO_POSTERIOR_50", baf="MINOR_ALLELE_FRACTION_POSTERIOR_50"
)
CALLED = SegmentTable("CONTIG", "START", "END", log2="MEAN_LOG2_COPY_RATIO")


def _sniff(head: Head) -> Sniff:
    if not head.text.startswith("@HD") or "CONTIG\tSTART\tEND" not in head.text:
        return Sniff.NO
    return Sniff.CERTAIN if "LOG2_COPY_RATIO" in head.text else Sniff.NO


def read_gatk(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Segments of the posterior median; a sample name and a build come from the SAM header."""
    from moltrack import resources

    table = read_table(path, required=("CONTIG", "START", "END"), comment="@", delimiter="\t", limits=options.limits)
    columns = MODEL if table.has("LOG2_COPY_RATIO_POSTERIOR_50") else CALLED
    lengths, sample = {}, ""
    for line in table.preamble:
        if match := re.search(r"\tSN:(\S+)\tLN:(\d+)", line):
            lengths[match[1]] = int(match[2])
        elif match := re.search(r"\tSM:([^\t]+)", line):
            sample = match[1]
    found: list[Segment] = []
    for item in segments_of(table, columns):
        if isinstance(item, Refused):
            yield item
        else:
            found.append(replace(item, sample=sample))
    build = resources.build_of_contigs(lengths) if lengths else ""
    yield from calls_of(path, found, options, tool="GATK ModelSegments", build=build, build_evidence="@SQ lengths")


GATK = Format(
    "gatk_segments",
    "GATK ModelSegments",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _sniff,
    read_gatk,
    versions="4",
    columns_source="GATK ModelSegments documentation (gatk.broadinstitute.org)",
)
