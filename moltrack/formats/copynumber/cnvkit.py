"""CNVkit: segments (``.cns``) with log2 ratios, after ``call`` also with copies.

Source  chromosome start end gene log2, then any of baf cn cn1 cn2 depth probes weight and segmetrics columns, in any order
Build   not stated
Units   ``start`` is 0-based; log2 relative to the reference's ploidy
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.copynumber.segments import SegmentTable, read_segments
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import normal_name
from moltrack.model import Record, Technique


def _sniff(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.has_columns("chromosome", "start", "end", "gene", "log2", "probes") else Sniff.NO


def read_cnvkit(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Copies where the file has them (``cn``), else the log2 ratio decides."""
    header = {normal_name(name) for name in Head.of(path).header}
    columns = SegmentTable(
        "chromosome",
        "start",
        "end",
        base=0,
        log2="log2",
        total="cn" if "cn" in header else "",
        minor="cn2" if "cn2" in header else "",
        baf="baf" if "baf" in header else "",
    )
    yield from read_segments(path, options, columns, tool="CNVkit")


CNVKIT = Format(
    "cnvkit",
    "CNVkit segments",
    "copynumber",
    Technique.DNA_SEQUENCING,
    _sniff,
    read_cnvkit,
    versions="0.9",
    columns_source="CNVkit documentation, file formats (cnvkit.readthedocs.io)",
)
