"""Our own table of fusions, for what a laboratory reports by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.errors import FormatError, InputError
from moltrack.formats.files import Head
from moltrack.formats.fusions.callers import BREAKPOINT
from moltrack.formats.fusions.partners import breakpoint_of, partner, split_name, tandem
from moltrack.formats.fusions.table import NO_READS
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, Table, normal_name, read_table
from moltrack.model import Breakpoint, Call, Counts, FileInfo, Fusion, Printed, Record, Result, Technique
from moltrack.quantity import QUANTITIES, canonical_unit, parse_printed

SYNONYMS = {
    "fusion gene": "fusion",
    "fusion name": "fusion",
    "fusions": "fusion",
    "gene 5": "gene5",
    "5' gene": "gene5",
    "gene 5'": "gene5",
    "gene a": "gene5",
    "left gene": "gene5",
    "gene 3": "gene3",
    "3' gene": "gene3",
    "gene 3'": "gene3",
    "gene b": "gene3",
    "right gene": "gene3",
    "partner": "gene3",
    "5' breakpoint": "breakpoint5",
    "breakpoint 5'": "breakpoint5",
    "left breakpoint": "breakpoint5",
    "3' breakpoint": "breakpoint3",
    "breakpoint 3'": "breakpoint3",
    "right breakpoint": "breakpoint3",
    "split reads": "junction_reads",
    "junction": "junction_reads",
    "reads": "junction_reads",
    "spanning pairs": "spanning_reads",
    "discordant reads": "spanning_reads",
    "discordant mates": "spanning_reads",
    "value": "level",
    "status": "result",
    "finding": "result",
    "genome": "build",
    "assembly": "build",
    "reference": "build",
    "control gene": "denominator",
    "control": "denominator",
    "method": "technique",
    "comment": "note",
    "remark": "note",
    "patient id": "patient",
    "sample id": "sample",
}
_POSITIVE = frozenset({"positive", "pos", "detected", "found", "yes", "+"})
_NEGATIVE = frozenset({"negative", "neg", "not detected", "not found", "no"})
_FAILED = frozenset({"not evaluable", "failed", "invalid", "inadequate"})
_BUILDS = {"grch37": "GRCh37", "hg19": "GRCh37", "37": "GRCh37", "grch38": "GRCh38", "hg38": "GRCh38", "38": "GRCh38"}

TEMPLATE = """\
## Fusions, one row per junction (or per fusion) and sample. Lines that begin with ## are ignored.
## patient, sample   may be left out when they are given with --patient and --sample
## fusion            5'::3' as in RUNX1::RUNX1T1 (also A--B); or the two columns gene5 and gene3
## breakpoint5/3     chrom:pos[:strand], 1-based; empty = not known. build: GRCh37 or GRCh38, empty = not known
## junction_reads    reads across the junction; spanning_reads pairs on both sides of it; 0 = looked for, none found
## level, unit       FFPM; %, fraction (of all transcripts of the gene); %, ratio or copies per 1e4 of a control gene,
##                   which is then named in denominator (ABL1). A level such as <0.01 is a negative with that limit
## result            positive, negative, not evaluable; empty = as reads and level say
## technique         RNA sequencing (when empty), qPCR, digital PCR, DNA sequencing
## An empty cell means: not known. A fusion that was not looked for has no row.
patient,sample,fusion,breakpoint5,breakpoint3,build,junction_reads,spanning_reads,level,unit,denominator,result,technique,note
"""


def sniff(head: Head) -> Sniff:
    names = _names(head.header)
    return Sniff.LIKELY if _names_fusions(names) and names & {"junctionreads", "level", "result"} else Sniff.NO


def _names(header: Iterable[str]) -> set[str]:
    return {_KNOWN.get(normal_name(cell), normal_name(cell)) for cell in header}


def _names_fusions(names: set[str]) -> bool:
    return "fusion" in names or {"gene5", "gene3"} <= names


_KNOWN = {normal_name(old): normal_name(new) for old, new in SYNONYMS.items()}


def read(path: Path, options: ReadOptions) -> Iterator[Record]:
    """The table's calls; every row must be usable.

    Raises
    ------
    FormatError
        A row names no fusion or says nothing of it, a cell cannot be read, or a row stands twice (both lines are named).
    """
    table = read_table(path, synonyms=SYNONYMS, numeric=("level",), decimal=options.decimal, limits=options.limits)
    if not _names_fusions(_names(table.header)):
        raise FormatError("has neither a column 'fusion' nor 'gene5' and 'gene3'.", path=path, line=table.header_line)
    _refuse_duplicates(table)
    yield FileInfo(
        build=options.build,
        build_evidence="option" if options.build else "",
        header_only=not table.rows,
        rows=len(table.rows),
    )
    for row in table.rows:
        yield _call(row, options)


def _refuse_duplicates(table: Table) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for row in table.rows:
        key = tuple(cell.strip() for cell in row.cells.values())
        if key in seen:
            raise FormatError(
                f"repeats line {seen[key]} word for word.",
                path=row.path,
                line=row.line,
                advice="Delete one, or tell the two apart in the note column.",
            )
        seen[key] = row.line


def _call(row: Row, options: ReadOptions) -> Call:
    pair = (row.text("gene5"), row.text("gene3"))
    if not all(pair):
        named = split_name(row.need("fusion"))
        if named is None:
            raise row.error(
                f"column 'fusion' holds '{row.raw('fusion')}', not a pair of genes.", "Write it as RUNX1::RUNX1T1."
            )
        pair = named
    build = options.build
    if text := row.text("build"):
        if text.lower() not in _BUILDS:
            raise row.error(f"column 'build' holds '{text}'.", "Write GRCh37 or GRCh38.")
        build = _BUILDS[text.lower()]
    junction, spanning = row.count("junction_reads"), row.count("spanning_reads")
    levels = _levels(row, junction)
    result = _result(row, junction, spanning)
    if result is None and not levels:
        raise row.error(
            "says neither reads, nor a level, nor a result.",
            "Fill in one of them; a fusion that was not looked for has no row.",
        )
    notes = (row.text("note"),) if row.text("note") else ()
    return Call(
        tandem(
            Fusion(
                partner(pair[0]).gene,
                partner(pair[1]).gene,
                build=build,
                breakpoint5=_breakpoint(row, "breakpoint5"),
                breakpoint3=_breakpoint(row, "breakpoint3"),
            )
        ),
        row.line,
        result=result,
        levels=levels,
        counts=Counts(junction_reads=junction, spanning_reads=spanning),
        patient=row.text("patient"),
        sample=row.text("sample"),
        assay=row.text("assay"),
        technique=_technique(row),
        notes=(*notes, NO_READS) if junction == 0 and not spanning else notes,
    )


def _levels(row: Row, junction: int | None) -> tuple[Printed, ...]:
    levels = (
        [Printed("junction_reads", Decimal(junction), "reads", row.text("junction_reads"))]
        if junction is not None
        else []
    )
    if text := row.text("level"):
        try:
            levels.append(_level(text, row))
        except InputError as error:
            raise row.error(f"column 'level': {error}") from None
    return tuple(levels)


def _level(text: str, row: Row) -> Printed:
    unit, denominator = canonical_unit(row.text("unit")), row.text("denominator")
    quantity = row.text("quantity")
    if not quantity:
        if unit in QUANTITIES["ffpm"].factors and unit:
            quantity = "ffpm"
        elif unit == "reads":
            quantity = "junction_reads"
        elif denominator or unit.startswith("copies per") or unit == "ratio":
            quantity = "normalized_copies"
        elif unit in {"%", "fraction"} or text.rstrip().endswith("%"):
            quantity = "fusion_fraction"
        else:
            raise InputError(
                f"'{text}' has no unit.", advice="Fill in the column 'unit': FFPM, %, fraction, reads, copies per 1e4."
            )
    return parse_printed(text, quantity, unit=unit, decimal=row.decimal_of("level"), denominator=denominator)


def _result(row: Row, junction: int | None, spanning: int | None) -> Result | None:
    word = row.raw("result").lower()
    if word in _POSITIVE:
        return Result.POSITIVE
    if word in _NEGATIVE:
        return Result.NEGATIVE
    if word in _FAILED:
        return Result.NOT_EVALUABLE
    if row.text("result"):
        raise row.error(f"column 'result' holds '{row.raw('result')}'.", "Write positive, negative or not evaluable.")
    if junction is None and spanning is None:
        return None
    return Result.POSITIVE if (junction or 0) + (spanning or 0) else Result.NEGATIVE


def _technique(row: Row) -> Technique | None:
    text = row.text("technique")
    if not text:
        return None
    found = {technique.value.lower(): technique for technique in Technique} | {
        "rna": Technique.RNA_SEQUENCING,
        "dpcr": Technique.DPCR,
    }
    if text.lower() not in found:
        raise row.error(f"column 'technique' holds '{text}'.", f"Write one of {', '.join(Technique)}.")
    return found[text.lower()]


def _breakpoint(row: Row, column: str) -> Breakpoint | None:
    cell = row.text(column)
    if not cell:
        return None
    match = BREAKPOINT.fullmatch(cell.replace(",", ""))
    if match is None:
        raise row.error(
            f"column '{column}' holds '{cell}', not a position.", "Write it as 21:34859474 or 21:34859474:-."
        )
    return breakpoint_of(match["chrom"], match["pos"], match["strand"] or "")


FUSIONS = Format(
    name="fusions",
    title="moltrack table of fusions",
    family="fusions",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff,
    read=read,
    columns_source="the legend of its template",
    template=TEMPLATE,
)
