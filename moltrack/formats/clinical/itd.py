"""Internal tandem duplications by fragment analysis (or typed from a report): one row per clone, or one for their sum.

Allelic ratio = mutant / wild type, mutant fraction = mutant / (mutant + wild type); which of the two a number is, its column says.
From peak areas: AR = area of the mutant peak / area of the wild-type peak (Thiede, Blood 2002;99:4326).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.formats.clinical import cells, own
from moltrack.formats.clinical.cells import Cell
from moltrack.formats.clinical.names import is_gene
from moltrack.formats.clinical.own import Column, OwnRows, OwnTable
from moltrack.formats.clinical.results import read_results
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import Row
from moltrack.model import Call, Itd, Printed, Record, Technique
from moltrack.quantity import canonical_level

TABLE = OwnTable(
    name="itd",
    title="Internal tandem duplications (fragment analysis): one row per clone, or one for the sum of clones",
    columns=(
        Column("gene", "FLT3 (also when empty), KMT2A, UBTF, BCOR", ("gen", "locus")),
        Column(
            "length",
            "inserted bases; empty = the row is the sum over all clones",
            ("itd_length", "size", "länge", "laenge", "bp", "length_bp"),
            numeric=True,
        ),
        Column(
            "allelic_ratio",
            "mutant / wild type: 0.594 or 59.4 %",
            ("ar", "allelic_ratio_ar", "ratio", "allel_ratio", "allelratio", "quotient"),
            numeric=True,
        ),
        Column(
            "mutant_fraction",
            "mutant / (mutant + wild type): 37 % or 0.37",
            ("vaf", "fraction", "mutant_share", "allele_frequency", "mutanter_anteil", "itd_fraction"),
            numeric=True,
        ),
        Column(
            "area_mutant",
            "peak area of the duplication",
            ("mutant_area", "peak_area_mutant", "fläche_mutant", "flaeche_mutant", "area_itd"),
            numeric=True,
        ),
        Column(
            "area_wild_type",
            "peak area of the wild type",
            ("area_wt", "wild_type_area", "wildtype_area", "peak_area_wild_type", "fläche_wildtyp", "flaeche_wildtyp"),
            numeric=True,
        ),
        Column("sum", "yes = the row is the sum over all clones", ("is_sum", "total", "summe")),
        Column(
            "pos",
            "reference base before the inserted sequence (1-based, as in a VCF)",
            ("position", "insertion_site", "insertionsstelle"),
            numeric=True,
        ),
        Column("build", "GRCh37 or GRCh38, when pos is given", ("genome",)),
        Column("sequence", "inserted sequence, plus strand", ("seq", "sequenz", "inserted_sequence")),
        Column("domain", "JM or TKD1", ("domäne", "region")),
        own.RESULT,
        *own.LIMITS,
        own.TECHNIQUE,
        own.ASSAY,
        own.NOTE,
    ),
    needs=(
        frozenset({"allelic_ratio"}),
        frozenset({"area_mutant", "area_wild_type"}),
        frozenset({"mutant_fraction", "length"}),
        frozenset({"gene", "length", "result"}),
    ),
    rules=(
        "The limits are in the unit of the allelic ratio where the row has one (or peak areas), else of the mutant fraction.",
        "A row with result but no number is a detection (or a miss) without a level.",
    ),
    example={
        "sample": "S1",
        "gene": "FLT3",
        "length": "36",
        "allelic_ratio": "0.62",
        "area_mutant": "24800",
        "area_wild_type": "40000",
        "date": "2021-05-12",
        "tissue": "BM",
    },
)


def read_itd(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per clone or sum.

    Raises
    ------
    FormatError
        A mutant fraction above 1 (an allelic ratio may be), a negative number, or an allelic ratio that contradicts its fraction
        or its peak areas.
    """
    return read_results(path, options, TABLE, _calls)


def _calls(row: Row, rows: OwnRows) -> Iterator[Call]:
    result = cells.result_of(row, rows)
    ratio = cells.value_of(row, rows, "allelic_ratio", "allelic_ratio", unit=_unit(rows, "allelic_ratio"))
    fraction = cells.value_of(row, rows, "mutant_fraction", "vaf", unit=_unit(rows, "mutant_fraction"))
    formula = ""
    notes = cells.notes_of(row)
    extra = tuple((name, row.raw(name)) for name in ("area_mutant", "area_wild_type") if row.text(name))
    if not ratio.states and (areas := _areas(row)) is not None:
        if areas[1] == 0:
            fraction = Cell(Printed("vaf", Decimal(1), "fraction", f"{areas[0]}/{areas[0]}"))
            formula, notes = "no wild-type peak: the allelic ratio is infinite", (*notes, "no wild-type peak")
        else:
            ratio = Cell(Printed("allelic_ratio", areas[0] / areas[1], "ratio", f"{areas[0]}/{areas[1]}"))
            formula = "area_mutant / area_wild_type"
    elif ratio.printed is not None and (areas := _areas(row)) is not None and areas[1]:
        _refuse_disagreement(
            row, "allelic ratio", _level(ratio.printed), "the peak areas give", float(areas[0] / areas[1])
        )
    if ratio.printed is not None and fraction.printed is not None:
        level = _level(ratio.printed)
        _refuse_disagreement(
            row, "mutant fraction", _level(fraction.printed), "the allelic ratio gives", level / (1 + level)
        )
    if not (ratio.states or fraction.states or result is not None):
        return
    leading = ratio if ratio.states else fraction
    cells.refuse_contradiction(row, result, leading)
    quantity, column = "allelic_ratio", "allelic_ratio"
    if fraction.printed is not None and ratio.printed is None:
        quantity, column = "vaf", "mutant_fraction"
    unit = cells.unit_of_limits(row, rows, column, leading, _unit(rows, column))
    yield Call(
        finding=_finding(row),
        line=row.line,
        result=cells.settled(result, leading),
        levels=tuple(cell.printed for cell in (ratio, fraction) if cell.printed is not None),
        limits=cells.limits_of(row, quantity, unit),
        formula=formula,
        patient=row.text("patient"),
        sample=row.text("sample"),
        assay=row.text("assay"),
        technique=cells.technique_of(row, Technique.FRAGMENT_ANALYSIS),
        notes=notes,
        extra=(*extra, *rows.extra(row)),
    )


def _unit(rows: OwnRows, column: str) -> str:
    return "%" if column in rows.percent else ""


def _level(printed: Printed) -> float:
    return canonical_level(printed) or 0.0


def _areas(row: Row) -> tuple[Decimal, Decimal] | None:
    mutant, wild_type = row.number("area_mutant", 0), row.number("area_wild_type", 0)
    if mutant is None or wild_type is None:
        if mutant is not None or wild_type is not None:
            raise row.error("gives one of two peak areas.", advice="Fill in area_mutant and area_wild_type.")
        return None
    if mutant == 0 and wild_type == 0:
        raise row.error(
            "has two peak areas of 0: nothing was amplified.",
            advice="Write 'not evaluable' as result and leave the areas empty.",
        )
    return mutant, wild_type


def _refuse_disagreement(row: Row, what: str, printed: float, other: str, value: float) -> None:
    # Printed values are rounded; beyond 3 % of the value (or 0.005) they are not the same measurement.
    if abs(printed - value) > max(0.03 * value, 0.005):
        raise row.error(
            f"states the {what} {printed:.4g}, but {other} {value:.4g}.",
            advice="Check which of allelic ratio (mutant / wild type) and mutant fraction is meant.",
        )


def _finding(row: Row) -> Itd:
    gene = row.text("gene") or "FLT3"
    if not is_gene(gene):
        raise row.error(
            f"column 'gene' holds '{gene}', which is not a gene that is known.", advice="Write the HGNC symbol."
        )
    length, pos = row.count("length"), row.count("pos")
    if length is not None and length < 3:
        raise row.error(f"column 'length' holds {length}: a duplication has at least 3 bases.")
    build = cells.build_of(row)
    if pos is not None and not build:
        raise row.error("gives a position without its genome build.", advice="Fill in 'build' with GRCh37 or GRCh38.")
    is_sum = bool(cells.yes_no(row, "sum"))
    return Itd(
        gene=gene,
        length=None if is_sum else length,
        build=build if pos is not None else "",
        pos=pos,
        site_rule="insertion" if pos is not None else "",
        sequence=row.text("sequence").upper(),
        in_frame=None if length is None or is_sum else length % 3 == 0,
        domain=row.text("domain"),
        aggregate=is_sum or length is None,
    )


ITD = own.format_of(TABLE, read_itd, family="itd", technique=Technique.FRAGMENT_ANALYSIS)
