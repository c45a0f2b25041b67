"""What was looked at and how deep: mosdepth's per-base, regions and thresholds files, samtools depth, a plain BED.

Coverage only, no calls: evidence for the absence of variants, at positions and depths of the file.

Units   BED is 0-based half-open, ``samtools depth`` 1-based; depth in reads
Build   not in these files: ``--build`` must say it
Depth   of neighbouring stretches in one class of depth (1, 2, 5, 10, 20, 50 ...) the smallest; of a mosdepth region the mean; of a
        thresholds file the largest depth that every base of the region reaches; of a plain BED none
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.variants.header import checked_build, chromosome
from moltrack.formats.variants.scan import text_lines
from moltrack.formats.variants.selection import Selection
from moltrack.formats.variants.stretches import joined
from moltrack.model import Counts, Coverage, CoverageScope, FileInfo, Record, Refused, Technique

_NO_ROW = ("#", "track", "browser")


# --- recognising ------------------------------------------------------------------------------------------------------


def _body(head: Head) -> list[list[str]]:
    rows = [line.split("\t") for line in head.lines[:50] if line.strip() and not line.startswith(_NO_ROW)]
    return rows[:-1] if len(rows) > 1 and len(head.lines) > 50 else rows


def _is_bed(row: list[str]) -> bool:
    return len(row) >= 3 and row[1].isdecimal() and row[2].isdecimal() and int(row[1]) < int(row[2]) and row[0] != ""


def sniff_per_base(head: Head) -> Sniff:
    """Certain when every row has four columns, the last a whole number, and each begins where the one before ends."""
    rows = _body(head)
    if not rows or not all(len(row) == 4 and _is_bed(row) and row[3].isdecimal() for row in rows):
        return Sniff.NO
    touching = all(a[0] != b[0] or a[2] == b[1] for a, b in pairwise(rows))
    return Sniff.CERTAIN if touching and (len(rows) > 1 or rows[0][1] == "0") else Sniff.NO


def sniff_regions(head: Head) -> Sniff:
    """Likely when every row ends in a depth with two decimals, as mosdepth prints it."""
    rows = _body(head)
    is_mean = bool(rows) and all(
        len(row) in {4, 5} and _is_bed(row) and re.fullmatch(r"\d+\.\d\d", row[-1]) for row in rows
    )
    return Sniff.LIKELY if is_mean else Sniff.NO


def sniff_thresholds(head: Head) -> Sniff:
    """Certain for mosdepth's header ``#chrom start end region 1X 10X ...``."""
    return Sniff.CERTAIN if re.match(r"#chrom\tstart\tend\tregion(\t\d+X)+\s*$", head.lines[0]) else Sniff.NO


def sniff_samtools(head: Head) -> Sniff:
    """Likely when every row is contig, position, depth, and positions go up by one somewhere."""
    rows = _body(head)
    if len(rows) < 2 or not all(len(row) == 3 and row[1].isdecimal() and row[2].isdecimal() for row in rows):
        return Sniff.NO
    steps = [int(b[1]) - int(a[1]) for a, b in pairwise(rows) if a[0] == b[0]]
    return Sniff.LIKELY if 1 in steps and all(step > 0 for step in steps) else Sniff.NO


def sniff_bed(head: Head) -> Sniff:
    """Generic: three columns and more, the second and third of which are a stretch."""
    rows = _body(head)
    return Sniff.GENERIC if rows and all(_is_bed(row) for row in rows) else Sniff.NO


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(
    path: Path, options: ReadOptions, tool: str, stretch_of: Callable[[int, list[str]], Coverage]
) -> Iterator[Record]:
    selection = Selection.of(options.genes)
    build, evidence = checked_build(path, "", "", options.build)
    if not build:
        raise FormatError("does not say its genome build.", path=path, advice="Give --build GRCh37 or GRCh38.")
    wanted = selection.wanted(build)
    rows = 0

    def records() -> Iterator[Record]:
        nonlocal rows
        for line, text in text_lines(path, options.limits):
            if not text.strip() or text.startswith(_NO_ROW):
                continue
            rows += 1
            try:
                stretch = stretch_of(line, text.split("\t"))
            except (ValueError, IndexError):
                yield Refused(line, f"'{text[:60]}' is not a row of this format.")
                continue
            start, end = stretch.start or 0, stretch.end or 0
            for low, high in [(start, end)] if wanted is None else wanted.clipped(stretch.chrom, start, end):
                yield replace(stretch, build=build, start=low, end=high)

    found = list(joined(records()))
    yield FileInfo(tool=tool, build=build, build_evidence=evidence, header_only=rows == 0, rows=rows, kept=0)
    yield from found


def _bed(line: int, cells: list[str], depth: float | None, name: str = "", note: str = "") -> Coverage:
    start, end = int(cells[1]), int(cells[2])
    if not cells[0] or not 0 <= start < end:
        raise ValueError
    return Coverage(
        scope=CoverageScope.REGION,
        line=line,
        name=name,
        chrom=chromosome(cells[0]),
        start=start,
        end=end,
        counts=Counts(depth=depth),
        evaluable=depth != 0,
        note=note,
    )


def read_per_base(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Depth by stretch, neighbours of one class of depth joined."""
    return _read(path, options, "mosdepth", lambda line, cells: _bed(line, cells, int(cells[3])))


def read_regions(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Mean depth of each region."""

    def stretch(line: int, cells: list[str]) -> Coverage:
        return _bed(line, cells, float(cells[-1]), cells[3] if len(cells) > 4 else "", "mean depth of the region")

    return _read(path, options, "mosdepth", stretch)


def read_thresholds(path: Path, options: ReadOptions) -> Iterator[Record]:
    """The depth that every base of a region reaches."""
    header = next((text.rstrip() for _, text in text_lines(path, options.limits)), "")
    depths = [int(depth) for depth in re.findall(r"\t(\d+)X(?=\t|$)", header)]
    if not depths:
        raise FormatError("has no header of thresholds (#chrom start end region 1X ...).", path=path, line=1)

    def stretch(line: int, cells: list[str]) -> Coverage:
        size = int(cells[2]) - int(cells[1])
        full = [depth for depth, count in zip(depths, map(int, cells[4:]), strict=True) if count == size]
        note = "every base reaches this depth" if full else f"some bases stay below {min(depths)}"
        return _bed(line, cells, max(full, default=0), cells[3] if cells[3] != "unknown" else "", note)

    return _read(path, options, "mosdepth", stretch)


def read_samtools(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Depth by position, neighbours of one class of depth joined."""

    def stretch(line: int, cells: list[str]) -> Coverage:
        pos = int(cells[1])
        return _bed(line, [cells[0], str(pos - 1), str(pos)], int(cells[2]))

    return _read(path, options, "samtools depth", stretch)


def read_bed(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Declared regions, without a depth."""

    def stretch(line: int, cells: list[str]) -> Coverage:
        return _bed(line, cells, None, cells[3] if len(cells) > 3 else "", "declared region")

    return _read(path, options, "", stretch)


PER_BASE = Format(
    "mosdepth_per_base", "mosdepth per-base depth (BED)", "variants", Technique.DNA_SEQUENCING, sniff_per_base, read_per_base,
    versions="0.3", columns_source="mosdepth documentation",
)  # fmt: skip
REGIONS = Format(
    "mosdepth_regions", "mosdepth mean depth of regions (BED)", "variants", Technique.DNA_SEQUENCING, sniff_regions, read_regions,
    versions="0.3", columns_source="mosdepth documentation",
)  # fmt: skip
THRESHOLDS = Format(
    "mosdepth_thresholds", "mosdepth bases at or above thresholds", "variants", Technique.DNA_SEQUENCING, sniff_thresholds, read_thresholds,
    versions="0.3", columns_source="mosdepth documentation",
)  # fmt: skip
SAMTOOLS_DEPTH = Format(
    "samtools_depth", "samtools depth", "variants", Technique.DNA_SEQUENCING, sniff_samtools, read_samtools,
    versions="1.x", columns_source="samtools manual",
)  # fmt: skip
BED = Format(
    "bed", "BED of declared regions", "variants", Technique.DNA_SEQUENCING, sniff_bed, read_bed,
    versions="BED3 to BED12", columns_source="BED format of UCSC and GA4GH",
)  # fmt: skip
