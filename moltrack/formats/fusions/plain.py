"""Our own table of fusions, for what a laboratory reports by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from moltrack.formats.clinical import cells, own
from moltrack.formats.clinical.cells import Cell
from moltrack.formats.clinical.own import Column, OwnRows, OwnTable
from moltrack.formats.clinical.results import read_results
from moltrack.formats.fusions.callers import BREAKPOINT
from moltrack.formats.fusions.partners import breakpoint_of, partner, split_name, tandem
from moltrack.formats.fusions.table import NO_READS
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import Row
from moltrack.model import Breakpoint, Call, Counts, FileInfo, Fusion, Printed, Record, Result, Technique
from moltrack.quantity import QUANTITIES, canonical_unit

TABLE = OwnTable(
    name="fusions",
    title="Fusions: one row per junction (or per fusion) and sample",
    columns=(
        Column("fusion", "5'::3': RUNX1::RUNX1T1 (also A--B)", ("fusion_gene", "fusion_name", "fusions", "fusionsgen")),
        Column("gene5", "or the two genes: the 5' one", ("gene_5", "5'_gene", "gene_5'", "gene_a", "left_gene")),
        Column("gene3", "and the 3' one", ("gene_3", "3'_gene", "gene_3'", "gene_b", "right_gene", "partner")),
        Column(
            "breakpoint5",
            "chrom:pos[:strand], 1-based: 21:34859474:-; empty = not known",
            ("5'_breakpoint", "breakpoint_5'", "left_breakpoint", "bruchpunkt5"),
        ),
        Column("breakpoint3", "likewise", ("3'_breakpoint", "breakpoint_3'", "right_breakpoint", "bruchpunkt3")),
        Column("build", "GRCh37 or GRCh38 of the breakpoints; empty = not known", ("genome", "assembly")),
        Column(
            "junction_reads",
            "reads across the junction; 0 = looked for, none found",
            ("split_reads", "junction", "reads"),
            numeric=True,
        ),
        Column(
            "spanning_reads",
            "pairs on both sides of it",
            ("spanning_pairs", "discordant_reads", "discordant_mates"),
            numeric=True,
        ),
        Column("level", "as printed: 1.5, 3.0 %, <0.01 %", ("value", "wert", "messwert"), numeric=True),
        Column(
            "unit",
            "of level: FFPM; %, fraction (of all transcripts of the gene); %, ratio, copies per 1e4 (of a control gene)",
            ("einheit", "units"),
        ),
        Column(
            "denominator",
            "the control gene, when the level is a share of it: ABL1",
            ("control_gene", "control", "kontrollgen"),
        ),
        own.RESULT,
        *own.LIMITS,
        own.TECHNIQUE,
        own.ASSAY,
        own.NOTE,
    ),
    needs=tuple(
        names | {said}
        for names in (frozenset({"fusion"}), frozenset({"gene5", "gene3"}))
        for said in ("junction_reads", "level", "result")
    ),
    rules=(
        "The technique is RNA sequencing when the cell is empty.",
        "A fusion that was not looked for has no row, or one without reads, level and result.",
    ),
    example={
        "sample": "S1",
        "fusion": "RUNX1::RUNX1T1",
        "breakpoint5": "21:34859474:-",
        "breakpoint3": "8:92017363:-",
        "build": "GRCh38",
        "junction_reads": "412",
        "spanning_reads": "160",
        "level": "21.4",
        "unit": "FFPM",
        "date": "2021-05-12",
        "tissue": "BM",
    },
)


def read(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per row that states something, and the samples that rows describe.

    Raises
    ------
    FormatError
        A row names no fusion or gives breakpoints only, a cell cannot be read, or a row stands twice (both lines are named).
    """
    for record in read_results(path, options, TABLE, lambda row, rows: _calls(row, rows, options)):
        if isinstance(record, FileInfo):
            record = replace(record, build=options.build, build_evidence="option" if options.build else "")
        yield record


def _calls(row: Row, rows: OwnRows, options: ReadOptions) -> Iterator[Call]:
    fusion = _fusion(row, options)
    counts = Counts(junction_reads=row.count("junction_reads"), spanning_reads=row.count("spanning_reads"))
    stated = cells.result_of(row, rows)
    unit = canonical_unit(row.text("unit")) or ("%" if "level" in rows.percent else "")
    quantity = _quantity(row, unit)
    cell = cells.value_of(row, rows, "level", quantity, unit=unit, denominator=row.text("denominator"))
    cells.refuse_contradiction(row, stated, cell)
    result = stated or _by_reads(counts) or cells.settled(None, cell)
    if result is None and not cell.states:
        if fusion.breakpoint5 or fusion.breakpoint3:
            raise row.error("gives a breakpoint, but neither reads, nor a level, nor a result.", "Fill in one of them.")
        return
    no_reads = (NO_READS,) if counts.junction_reads == 0 and not counts.spanning_reads else ()
    yield Call(
        tandem(fusion),
        row.line,
        result=result,
        levels=_levels(row, counts, cell),
        counts=counts,
        limits=cells.limits_of(row, quantity, cells.unit_of_limits(row, rows, "level", cell, unit)),
        patient=row.text("patient"),
        sample=row.text("sample"),
        assay=row.text("assay"),
        technique=cells.technique_of(row),
        notes=cells.notes_of(row) + no_reads,
        extra=rows.extra(row),
    )


def _fusion(row: Row, options: ReadOptions) -> Fusion:
    pair = (row.text("gene5"), row.text("gene3"))
    if not all(pair):
        named = split_name(row.need("fusion"))
        if named is None:
            raise row.error(
                f"column 'fusion' holds '{row.raw('fusion')}', not a pair of genes.", "Write it as RUNX1::RUNX1T1."
            )
        pair = named
    return Fusion(
        partner(pair[0]).gene,
        partner(pair[1]).gene,
        build=cells.build_of(row, options.build),
        breakpoint5=_breakpoint(row, "breakpoint5"),
        breakpoint3=_breakpoint(row, "breakpoint3"),
    )


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


def _quantity(row: Row, unit: str) -> str:
    """What the level is, by its unit and control gene."""
    if unit and unit in QUANTITIES["ffpm"].factors:
        return "ffpm"
    if unit == "reads":
        return "junction_reads"
    if row.text("denominator") or unit.startswith("copies per") or unit == "ratio":
        return "normalized_copies"
    is_number = any(character.isdigit() for character in row.text("level"))
    if is_number and not unit and not row.text("level").endswith("%"):
        raise row.error(
            f"column 'level' holds '{row.text('level')}', which has no unit.",
            "Fill in the column 'unit': FFPM, %, fraction, reads, copies per 1e4.",
        )
    return "fusion_fraction"


def _by_reads(counts: Counts) -> Result | None:
    if counts.junction_reads is None and counts.spanning_reads is None:
        return None
    return Result.POSITIVE if (counts.junction_reads or 0) + (counts.spanning_reads or 0) else Result.NEGATIVE


def _levels(row: Row, counts: Counts, cell: Cell) -> tuple[Printed, ...]:
    reads = counts.junction_reads
    of_reads = (
        () if reads is None else (Printed("junction_reads", Decimal(reads), "reads", row.text("junction_reads")),)
    )
    return of_reads if cell.printed is None else (*of_reads, cell.printed)


FUSIONS = own.format_of(TABLE, read, family="fusions", technique=Technique.RNA_SEQUENCING)
