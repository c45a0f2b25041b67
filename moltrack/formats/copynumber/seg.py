"""SEG: segment means as DNAcopy, IGV and GISTIC exchange them.

Source  six columns under several sets of names; lines before the header (an R warning, ``#type``) are passed over
Build   not stated, but for IGV files of ClinCNV neither
Units   the file does not state them: log2 ratio by convention, log10 or copies with ``--unit``; 1-based, closed; chromosome 23 = X
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from moltrack.errors import FormatError, InputError
from moltrack.formats.copynumber.segments import Segment, SegmentTable, calls_of, segments_of
from moltrack.formats.files import Head, split_line
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import normal_name, read_table
from moltrack.model import Record, Refused, Technique

#: Spellings of sample, chromosome, start, end and mean (see :func:`~moltrack.formats.tables.normal_name`).
HEADERS = (
    SegmentTable("chrom", "loc.start", "loc.end", sample="ID", log2="seg.mean"),
    SegmentTable("Chromosome", "Start", "End", sample="Sample", log2="Segment_Mean"),
    SegmentTable("Chromosome", "Start", "End", sample="GDC_Aliquot", log2="Segment_Mean"),
    SegmentTable("Chromosome", "Start.bp", "End.bp", sample="Sample", log2="Seg.CN"),
    SegmentTable("chromosome", "start", "end", sample="sampleName", log2="mean"),
    SegmentTable("chrom", "start", "end", sample="ID", log2="seg.mean"),
)

#: ClinCNV's IGV file: the value is a copy number.
IGV = SegmentTable("chr", "start", "end", base=0, sample="ID", total="value")

UNITS = ("log2", "log10", "copies")


def _layout(head: Head) -> tuple[SegmentTable, int] | None:
    """The columns of a SEG file and the index of its header line, looked for among the first lines."""
    for index, line in enumerate(head.lines[:10]):
        names = {normal_name(cell) for cell in split_line(line)} if line.strip() else set()
        for columns in (*HEADERS, IGV):
            wanted = {normal_name(name) for name in (columns.sample, *columns.required)}
            if wanted <= names and (columns is not IGV or "loglik" in names):
                return columns, index
    return None


def _sniff(head: Head) -> Sniff:
    return Sniff.CERTAIN if _layout(head) else Sniff.NO


def read_seg(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Segments of one or several samples.

    Raises
    ------
    InputError
        ``--unit`` is neither log2, log10 nor copies.
    """
    head = Head.of(path)
    layout = _layout(head)
    if layout is None:
        raise FormatError("has no header of a SEG file (sample, chromosome, start, end, mean).", path=path)
    columns, index = layout
    unit = options.unit or ("copies" if columns is IGV else "log2")
    if unit not in UNITS:
        raise InputError(f"--unit {unit} is not a unit of SEG files.", advice=f"Use one of {', '.join(UNITS)}.")
    table = read_table(
        path,
        required=columns.required,
        header_starts=head.lines[index][:12],
        decimal=options.decimal,
        limits=options.limits,
    )
    found: list[Segment] = []
    for item in segments_of(table, columns):
        if isinstance(item, Refused):
            yield item
        else:
            found.append(_in_unit(item, unit))
    if table.rows and not found:
        raise FormatError("has no usable segment.", path=path, line=table.rows[0].line)
    note = f"segment means read as {unit}" + (
        "" if options.unit or columns is IGV else " (the file does not state its unit; see --unit)"
    )
    yield from calls_of(path, found, options, tool="SEG", notes=(note,), lists_all=columns is not IGV)


def _in_unit(segment: Segment, unit: str) -> Segment:
    value = segment.log2 if segment.log2 is not None else segment.total
    assert value is not None or segment.log2 is None
    if value is None:
        return segment
    if unit == "copies":
        return replace(segment, total=value, log2=None)
    if unit == "log10":
        return replace(
            segment, log2=Decimal(str(round(float(value) / math.log10(2), 6))), total=None, text=f"log10 {value}"
        )
    return replace(segment, log2=value, total=None)


SEG = Format(
    "seg",
    "SEG segments",
    "copynumber",
    Technique.ARRAY,
    _sniff,
    read_seg,
    versions="DNAcopy, IGV, GISTIC, GDC",
    columns_source="IGV documentation, SEG format (igv.org)",
)
