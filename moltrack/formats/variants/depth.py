"""What was looked at and how deep: mosdepth's files, bedGraph and callable loci, samtools depth, a plain BED.

Coverage only, no calls: evidence for the absence of variants, at positions and depths of the file.

Units   BED is 0-based half-open, ``samtools depth`` 1-based; depth in reads
Build   not in these files: ``--build`` must say it
Depth   of neighbouring stretches in one class of depth (1, 2, 5, 10, 20, 50 ...) the smallest; of a mosdepth region the mean; of a
        thresholds file the largest depth that every base of the region reaches; of a quantized file the lower end of its class;
        of a plain BED none
Counts  samtools bedcov and coverage, bedtools coverage, sambamba: BEDs with numbers that do not say what they count. A region with
        such a number is no declared one (it may hold no read at all), so these files are refused
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
    rows = [_cells(line) for line in head.lines[:50] if line.strip() and not line.startswith(_NO_ROW)]
    return rows[:-1] if len(rows) > 1 and len(head.lines) > 50 else rows


def _cells(line: str) -> list[str]:
    """Cells between tabs, or between spaces, which UCSC allows in a BED."""
    return line.split("\t") if "\t" in line else line.split()


def _is_bed(row: list[str]) -> bool:
    return len(row) >= 3 and row[1].isdecimal() and row[2].isdecimal() and int(row[1]) < int(row[2]) and row[0] != ""


def sniff_per_base(head: Head) -> Sniff:
    """Certain when every row has four columns, the last a whole number, and each begins where the one before ends.

    Likely for a bedGraph, which leaves out stretches without reads: most rows touch, and then with another depth.
    """
    rows = _body(head)
    if not rows or not all(len(row) == 4 and _is_bed(row) and row[3].isdecimal() for row in rows):
        return Sniff.NO
    neighbours = [(a, b) for a, b in pairwise(rows) if a[0] == b[0]]
    touching = [(a, b) for a, b in neighbours if a[2] == b[1]]
    if len(touching) == len(neighbours) and (len(rows) > 1 or rows[0][1] == "0"):
        return Sniff.CERTAIN
    in_order = all(int(a[2]) <= int(b[1]) for a, b in neighbours)
    is_graph = in_order and 2 * len(touching) > len(neighbours) and all(a[3] != b[3] for a, b in touching)
    return Sniff.LIKELY if is_graph else Sniff.NO


#: States of mosdepth's quantized file, as its documentation names them, and of GATK's CallableLoci: whether a variant would be seen.
_STATES = {
    "CALLABLE": True,
    "HIGH_COVERAGE": True,
    "LOW_COVERAGE": False,
    "NO_COVERAGE": False,
    "EXCESSIVE_COVERAGE": False,
    "POOR_MAPPING_QUALITY": False,
    "REF_N": False,
}
_DEPTHS = re.compile(r"(\d+):(?:\d+|inf)")


def sniff_quantized(head: Head) -> Sniff:
    """Certain when the fourth column holds classes of depth (``4:100``) or states of coverage alone."""
    rows = _body(head)
    is_state = bool(rows) and all(
        len(row) == 4 and _is_bed(row) and (row[3] in _STATES or _DEPTHS.fullmatch(row[3])) for row in rows
    )
    return Sniff.CERTAIN if is_state else Sniff.NO


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
    """Likely when every row is contig, position and a depth per sample, and positions go up by one somewhere."""
    rows = _body(head)
    if len(rows) < 2 or not all(len(row) >= 3 and all(map(str.isdecimal, row[1:])) for row in rows):
        return Sniff.NO
    steps = [int(b[1]) - int(a[1]) for a, b in pairwise(rows) if a[0] == b[0]]
    return Sniff.LIKELY if 1 in steps and all(step > 0 for step in steps) else Sniff.NO


def sniff_counts(head: Head) -> Sniff:
    """Likely for a BED with a number that no column of BED holds: a sum of bases, a count of reads, a share."""
    rows = _body(head)
    if not rows or not all(_is_bed(row) for row in rows) or not any(_counts(row) for row in rows):
        return Sniff.NO
    if all(_is_pair(row) for row in rows):  # BEDPE
        return Sniff.NO
    others = (sniff_per_base, sniff_regions, sniff_thresholds)
    return Sniff.NO if any(other(head) for other in others) else Sniff.LIKELY


def _is_pair(row: list[str]) -> bool:
    """True for a second stretch after the first, with its chromosome; not for bedtools coverage, which ends in a share."""
    is_place = len(row) >= 6 and bool(re.fullmatch(r"(?:chr)?(?:\d{1,2}|[XYM]|MT)|-1|\.", row[3], re.IGNORECASE))
    is_share = len(row) == 7 and bool(re.fullmatch(r"[01]\.\d{7}", row[6]))
    return is_place and not is_share and all(re.fullmatch(r"\d+|-1|\.", cell) for cell in row[4:6])


def _counts(row: list[str]) -> bool:
    """True when a cell beyond the stretch is a number and not BED's score, thick stretch, colour or blocks."""
    start, end = int(row[1]), int(row[2])
    for column, cell in enumerate(row[3:], start=4):
        if not re.fullmatch(r"\d+(?:\.\d+)?", cell):
            continue
        is_score = column == 5 and cell.isdecimal() and int(cell) <= 1000
        is_thick = column in {7, 8} and cell.isdecimal() and start <= int(cell) <= end
        is_block = (column == 9 and cell == "0") or (column >= 10 and len(row) >= 12 and column <= 12)
        if not (is_score or is_thick or is_block):
            return True
    return False


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
                stretch = stretch_of(line, _cells(text))
            except (ValueError, LookupError):
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


def read_quantized(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Classes of depth with the lower end of each, or states: a stretch in a state of too few reads was not evaluable."""

    def stretch(line: int, cells: list[str]) -> Coverage:
        if depths := _DEPTHS.fullmatch(cells[3]):
            return _bed(line, cells, int(depths[1]), note=f"depth {cells[3]}")
        return replace(_bed(line, cells, None, note=cells[3]), evaluable=_STATES[cells[3]])

    return _read(path, options, "", stretch)


def read_samtools(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Depth by position, neighbours of one class of depth joined.

    Raises
    ------
    FormatError
        Depths of several samples and nothing that tells whose.
    """
    column = _samtools_column(path, options)

    def stretch(line: int, cells: list[str]) -> Coverage:
        pos = int(cells[1])
        return _bed(line, [cells[0], str(pos - 1), str(pos)], int(cells[column]))

    return _read(path, options, "samtools depth", stretch)


def _samtools_column(path: Path, options: ReadOptions) -> int:
    """The column of the sample: the only one, or that of ``--tumor-sample`` by its name in the header (``-H``) or its number."""
    first = next((text for _, text in text_lines(path, options.limits) if text.strip()), "")
    cells = _cells(first)[2:]
    names = cells if first.startswith("#") else [str(number) for number in range(1, len(cells) + 1)]
    wanted = options.tumor_sample
    if wanted in names:
        return 2 + names.index(wanted)
    if wanted.isdigit() and 1 <= int(wanted) <= len(names):
        return 1 + int(wanted)
    if len(names) == 1 and not wanted:
        return 2
    raise FormatError(
        f"has depths of {len(names)} samples ({', '.join(names[:20])})"
        + (f", none of them '{wanted}'." if wanted else " and does not say which is the patient's."),
        path=path,
        line=1,
        advice="Name it, or its number, with --tumor-sample.",
    )


def read_bed(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Declared regions, without a depth."""

    def stretch(line: int, cells: list[str]) -> Coverage:
        return _bed(line, cells, None, cells[3] if len(cells) > 3 else "", "declared region")

    return _read(path, options, "", stretch)


PER_BASE = Format(
    "mosdepth_per_base", "mosdepth per-base depth (BED)", "variants", Technique.DNA_SEQUENCING, sniff_per_base, read_per_base,
    versions="0.3", columns_source="mosdepth documentation", is_coverage=True,
)  # fmt: skip
REGIONS = Format(
    "mosdepth_regions", "mosdepth mean depth of regions (BED)", "variants", Technique.DNA_SEQUENCING, sniff_regions, read_regions,
    versions="0.3", columns_source="mosdepth documentation", is_coverage=True,
)  # fmt: skip
THRESHOLDS = Format(
    "mosdepth_thresholds", "mosdepth bases at or above thresholds", "variants", Technique.DNA_SEQUENCING, sniff_thresholds, read_thresholds,
    versions="0.3", columns_source="mosdepth documentation", is_coverage=True,
)  # fmt: skip
SAMTOOLS_DEPTH = Format(
    "samtools_depth", "samtools depth", "variants", Technique.DNA_SEQUENCING, sniff_samtools, read_samtools,
    versions="1.x", columns_source="samtools manual", is_coverage=True,
)  # fmt: skip
QUANTIZED = Format(
    "mosdepth_quantized", "mosdepth quantized depth, GATK CallableLoci (BED)", "variants", Technique.DNA_SEQUENCING, sniff_quantized,
    read_quantized, versions="mosdepth 0.3; GATK 3", columns_source="documentation of mosdepth and of GATK CallableLoci", is_coverage=True,
)  # fmt: skip
COUNTS = Format(
    "region_counts", "Counts by region (samtools bedcov, samtools coverage, bedtools coverage, sambamba)", "variants", Technique.DNA_SEQUENCING,
    sniff_counts, versions="-", columns_source="manuals of samtools, bedtools, sambamba",
    refuses="holds a number for each region that does not say what it counts (bases, reads, a share); give the depth by mosdepth or "
    "samtools depth, or force --input-format bed if its regions are a panel that was read.",
)  # fmt: skip
BED = Format(
    "bed", "BED of declared regions", "variants", Technique.DNA_SEQUENCING, sniff_bed, read_bed,
    versions="BED3 to BED12", columns_source="BED format of UCSC and GA4GH", is_coverage=True,
)  # fmt: skip
