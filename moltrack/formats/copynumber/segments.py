"""What all segment tables share: a row is a stretch of a chromosome with copies, a log ratio or both.

A module of this folder says with a :class:`SegmentTable` which columns hold what; this one reads them. Unchanged segments are
counted, not kept; whether the segments together span the genome decides if "no segment" may later mean "no loss".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, Table, read_table
from moltrack.model import (
    Call,
    Change,
    CopyNumber,
    Coverage,
    CoverageScope,
    FileInfo,
    LimitKind,
    Printed,
    PrintedLimit,
    Record,
    Refused,
    Result,
    Technique,
)

#: A log2 ratio beyond these is a change; CNVkit's ``call --method threshold`` (Talevich, PLoS Comput Biol 2016;12:e1004873).
LOG2_LOSS, LOG2_GAIN = -0.25, 0.2

#: Cell fraction of a one-copy loss that just reaches ``LOG2_LOSS``: 2 (1 - 2^-0.25) = 0.318.
LOG2_LOSS_FRACTION = 2 * (1 - 2**LOG2_LOSS)

#: Copies from which a gain is called amplification [convention: more than twice the gain of a trisomy, at least 6].
AMPLIFIED = 6

#: What a fraction of cells is usually a share of.
TUMOUR_CELLS = "tumour cells"

#: Share of the autosomes that segments must span before the file counts as a look at the whole genome.
WHOLE_GENOME = 0.8


@dataclass(frozen=True)
class SegmentTable:
    """Which columns of a tool's segment table hold what.

    ``base`` is 0 for a 0-based start, 1 for 1-based closed. ``total`` / ``minor`` / ``major`` hold copies, ``log2`` a log2
    ratio, ``baf`` a B-allele frequency; ``fraction`` the fraction of cells with the state, ``fraction_of`` of which cells.
    """

    chrom: str
    start: str
    end: str
    base: int = 1
    sample: str = ""
    total: str = ""
    minor: str = ""
    major: str = ""
    log2: str = ""
    baf: str = ""
    fraction: str = ""
    fraction_of: str = TUMOUR_CELLS

    @property
    def required(self) -> tuple[str, ...]:
        columns = (self.chrom, self.start, self.end, self.total, self.minor, self.major, self.log2)
        return tuple(name for name in columns if name)


@dataclass(frozen=True, slots=True)
class Segment:
    """A row before it becomes a call. ``start`` and ``end`` are 0-based half-open."""

    line: int
    chrom: str
    start: int
    end: int
    sample: str = ""
    total: Decimal | None = None
    minor: Decimal | None = None
    log2: Decimal | None = None
    baf: Decimal | None = None
    fraction: Decimal | None = None
    fraction_of: str = TUMOUR_CELLS
    stated: Change | None = None
    text: str = ""
    notes: tuple[str, ...] = ()


def chromosome(text: str) -> str:
    """``chr7``, ``7``, ``23``, ``chrX`` as ``7``, ``X``."""
    name = re.sub(r"^chr", "", text.strip(), flags=re.IGNORECASE)
    return {"23": "X", "24": "Y", "25": "MT", "M": "MT", "x": "X", "y": "Y"}.get(name, name)


def segments_of(table: Table, columns: SegmentTable) -> Iterator[Segment | Refused]:
    """Rows of a table as segments; a row that cannot be used is refused with its reason."""
    for row in table.rows:
        try:
            yield _segment(row, columns)
        except FormatError as error:
            yield Refused(row.line, error.message)


def _segment(row: Row, columns: SegmentTable) -> Segment:
    start, end = _position(row, columns.start), _position(row, columns.end)
    if start is None or end is None:
        raise row.error("start or end is empty.")
    total = row.number(columns.total, -1, 1000) if columns.total else None
    minor = row.number(columns.minor, -1, 1000) if columns.minor else None
    if columns.major:
        major = row.number(columns.major, -1, 1000)
        total = major + minor if major is not None and minor is not None else total
        minor = min(major, minor) if major is not None and minor is not None else minor
    if end < start:
        raise row.error(f"the segment ends ({end}) before it begins ({start}).")
    return Segment(
        line=row.line,
        chrom=chromosome(row.need(columns.chrom)),
        start=start - columns.base,
        end=end,
        sample=row.text(columns.sample) if columns.sample else "",
        total=total,
        minor=minor,
        log2=row.number(columns.log2, -100, 100) if columns.log2 else None,
        baf=row.number(columns.baf, 0, 2) if columns.baf else None,
        fraction=row.number(columns.fraction, 0, 1) if columns.fraction else None,
        fraction_of=columns.fraction_of,
    )


def _position(row: Row, column: str) -> int | None:
    number = row.number(column, 0, 2**31 - 1)  # no chromosome is longer; interval libraries take no more
    return None if number is None else int(number)


def change_of(segment: Segment, *, sex: str, ploidy: float = 2.0) -> Change:
    """What happened to the copies of a segment.

    Copies decide before a log ratio. Whole copies are compared with 2 on autosomes; on X and Y only when the sex is known.
    Decimal copies count as changed from half a copy on. In a genome whose ploidy rounds to more than 2 the comparison is
    with that number, since a near-triploid karyotype has no 22 gained chromosomes.
    """
    if segment.stated is not None:
        return segment.stated
    base = expected_copies(segment.chrom, sex)
    if segment.total is not None:
        if base is None:
            return Change.UNKNOWN
        total = float(segment.total)
        reference = max(base, round(ploidy)) if base == 2 else base
        if total <= reference - 0.5:
            return Change.LOSS
        if segment.minor is not None and float(segment.minor) < 0.5 and base == 2 and total >= 1.5:
            return Change.CN_LOH if total < reference + 0.5 else Change.GAIN
        if total >= max(AMPLIFIED, 2 * reference):
            return Change.AMPLIFICATION
        return Change.GAIN if total >= reference + 0.5 else Change.NORMAL
    if segment.log2 is None or base is None:
        return Change.UNKNOWN
    if segment.log2 <= Decimal(str(LOG2_LOSS)):
        return Change.LOSS
    return Change.GAIN if segment.log2 >= Decimal(str(LOG2_GAIN)) else Change.NORMAL


def expected_copies(chrom: str, sex: str) -> int | None:
    """Copies of a chromosome in normal cells; None = depends on a sex that is not known, or no chromosome of the genome."""
    if chrom.isdecimal() and 1 <= int(chrom) <= 22:
        return 2
    return {("X", "female"): 2, ("X", "male"): 1, ("Y", "male"): 1, ("Y", "female"): 0}.get((chrom, sex))


def calls_of(
    path: Path,
    segments: Sequence[Segment],
    options: ReadOptions,
    *,
    tool: str,
    tool_version: str = "",
    build: str = "",
    build_evidence: str = "",
    sex: str = "",
    purity: float | None = None,
    ploidy: float | None = None,
    notes: Sequence[str] = (),
    lists_all: bool = True,
) -> Iterator[Record]:
    """File information, one call per changed segment, and coverage when the segments span the genome.

    ``lists_all`` False: the table holds changes only (ChAS, a list of calls), which is no statement about the rest.

    Raises
    ------
    FormatError
        The build is not stated, not given and not told by the segments, or contradicts the option.
    """
    build, evidence = settle_build(path, segments, options, build, build_evidence)
    kept: list[Record] = []
    for segment in segments:
        change = change_of(segment, sex=sex, ploidy=ploidy or 2.0)
        if change is not Change.NORMAL:
            kept.append(_call(segment, change, build, purity, ploidy))
    samples = tuple(dict.fromkeys(segment.sample for segment in segments if segment.sample))
    yield FileInfo(
        tool=tool,
        tool_version=tool_version,
        build=build,
        build_evidence=evidence,
        samples=samples,
        header_only=not segments,
        rows=len(segments),
        kept=len(kept),
        notes=(*notes, f"{len(segments) - len(kept)} unchanged segments not kept"),
    )
    yield from kept
    for sample in samples or ("",):
        own = [segment for segment in segments if not sample or segment.sample == sample]
        if lists_all and spans_genome(own, build):
            yield Coverage(
                CoverageScope.GENOME_COPY_NUMBER,
                line=0,
                name="copy_number",
                build=build,
                limits=_limit(own),
                sample=sample,
                note=f"segments over at least {WHOLE_GENOME:.0%} of the autosomes",
            )


def _limit(segments: Sequence[Segment]) -> tuple[PrintedLimit, ...]:
    """For log ratios the smallest clone that the thresholds can see; tools with copies do not tell theirs."""
    if any(segment.total is not None for segment in segments):
        return ()
    value = Decimal(str(round(LOG2_LOSS_FRACTION, 3)))
    return (PrintedLimit(LimitKind.LOD, Printed("cell_fraction", value, "fraction", f"log2 {LOG2_LOSS}")),)


def _call(segment: Segment, change: Change, build: str, purity: float | None, ploidy: float | None) -> Call:
    levels = []
    if segment.total is not None:
        levels.append(Printed("copy_number", segment.total, "copies", str(segment.total)))
    if segment.log2 is not None:
        levels.append(Printed("log2_ratio", segment.log2, "log2", str(segment.log2)))
    if segment.fraction is not None:
        levels.append(
            Printed(
                "cell_fraction", segment.fraction, "fraction", str(segment.fraction), denominator=segment.fraction_of
            )
        )
    return Call(
        CopyNumber(
            change,
            build=build,
            chrom=segment.chrom,
            start=segment.start,
            end=segment.end,
            total=_float(segment.total),
            minor=_float(segment.minor),
            log2=_float(segment.log2),
            baf=_float(segment.baf),
            purity=purity,
            ploidy=ploidy,
            nomenclature=segment.text,
        ),
        segment.line,
        result=None if change is Change.UNKNOWN else Result.POSITIVE,
        levels=tuple(levels),
        sample=segment.sample,
        notes=segment.notes,
    )


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def spans_genome(segments: Sequence[Segment], build: str) -> bool:
    """True when the segments cover at least ``WHOLE_GENOME`` of chromosomes 1 to 22."""
    from moltrack import resources

    lengths = {str(number): resources.chromosome_length(build, str(number)) for number in range(1, 23)}
    covered = sum(segment.end - segment.start for segment in segments if segment.chrom in lengths)
    return covered >= WHOLE_GENOME * sum(lengths.values())


def settle_build(
    path: Path, segments: Sequence[Segment], options: ReadOptions, stated: str, evidence: str
) -> tuple[str, str]:
    """The build that the file states, the user gives, or the ends of its segments leave as the only one possible."""
    from moltrack import resources

    if stated and options.build and stated != options.build:
        raise FormatError(f"is of build {stated} ({evidence}), but --build says {options.build}.", path=path)
    if stated or options.build:
        return stated or options.build, evidence or "as given"
    last: dict[str, int] = {}
    for segment in segments:
        last[segment.chrom] = max(last.get(segment.chrom, 0), segment.end)
    possible = [
        build
        for build in ("GRCh37", "GRCh38")
        if all(
            end <= resources.chromosome_length(build, chrom)
            for chrom, end in last.items()
            if expected_copies(chrom, "male") is not None
        )
    ]
    if len(possible) == 1:
        return possible[0], "the only build that all segments fit in"
    if not segments:
        return "", ""
    if not possible:
        raise FormatError(
            "has segments that end beyond the chromosomes of GRCh37 and of GRCh38.",
            path=path,
            advice="Files of older builds are not read.",
        )
    raise FormatError(
        "does not state its genome build, and its segments fit in both.",
        path=path,
        advice="Give --build GRCh37 or --build GRCh38.",
    )


def table_format(
    name: str,
    title: str,
    columns: SegmentTable,
    distinguishing: Sequence[str],
    *,
    read: Callable[[Path, ReadOptions], Iterator[Record]] | None = None,
    technique: Technique = Technique.DNA_SEQUENCING,
    versions: str = "",
    source: str = "",
    lists_all: bool = True,
    certainty: Sniff = Sniff.CERTAIN,
) -> Format:
    """A format that is one plain segment table, told by the columns it alone has."""

    def sniff(head: Head) -> Sniff:
        return certainty if head.has_columns(*distinguishing) else Sniff.NO

    def read_plain(path: Path, options: ReadOptions) -> Iterator[Record]:
        yield from read_segments(path, options, columns, tool=title, lists_all=lists_all)

    return Format(
        name=name,
        title=title,
        family="copynumber",
        technique=technique,
        sniff=sniff,
        read=read or read_plain,
        versions=versions,
        columns_source=source,
        empty=Empty.NEGATIVE if lists_all else Empty.ASK,
    )


def read_segments(
    path: Path, options: ReadOptions, columns: SegmentTable, *, tool: str, lists_all: bool = True, sex: str = ""
) -> Iterator[Record]:
    """A plain segment table whole: segments, refused rows, file information."""
    table = read_table(
        path, required=columns.required, numeric=columns.required[3:], decimal=options.decimal, limits=options.limits
    )
    found: list[Segment] = []
    for item in segments_of(table, columns):
        if isinstance(item, Refused):
            yield item
        else:
            found.append(item)
    if table.rows and not found:
        raise FormatError("has no usable segment.", path=path, line=table.rows[0].line)
    yield from calls_of(path, found, options, tool=tool, sex=sex, lists_all=lists_all)
