"""Measurements: one row per value, for whatever has no file format of its own.

Flow MRD, blasts, antigens, chimerism, qPCR ratios (NPM1, CBF, other fusions), CAR copies, cytokines, blood counts, temperature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from moltrack.formats.clinical import cells, own
from moltrack.formats.clinical.cells import Cell
from moltrack.formats.clinical.names import copy_number_of, fusion_of, is_gene, variant_of
from moltrack.formats.clinical.own import Column, OwnRows, OwnTable
from moltrack.formats.clinical.results import read_results
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import Row
from moltrack.model import (
    Adequacy,
    Call,
    Counts,
    Finding,
    Itd,
    MarkerKind,
    Measured,
    Printed,
    Record,
    Reported,
    Technique,
)
from moltrack.quantity import QUANTITIES, canonical_unit

TABLE = OwnTable(
    name="measurements",
    title="Measurements: one row per value",
    columns=(
        Column(
            "name",
            "what was measured: MFC-MRD, blasts, CD7, RUNX1::RUNX1T1, NPM1 type A, CRP ...",
            (
                "marker",
                "parameter",
                "analyte",
                "target",
                "test",
                "measurement",
                "untersuchung",
                "messgroesse",
                "messgröße",
                "analyt",
            ),
        ),
        Column(
            "kind",
            f"one of: {', '.join(kind for kind in MarkerKind if kind not in {'karyotype_event', 'structural_variant'})}; "
            "a mutation measured by PCR (NPM1 type A) is a small_variant, expression is how much a gene is transcribed (WT1)",
            ("type", "art"),
        ),
        Column(
            "quantity",
            f"what the value is: {', '.join(QUANTITIES)}; empty = the usual one of the kind",
            ("scale", "groesse", "größe"),
        ),
        Column(
            "value",
            "as printed: 12.9 %, 2.5e-4, <0.01 %, 144/200, 183,945, positive",
            ("level", "wert", "messwert", "measured_value", "result_value"),
            numeric=True,
        ),
        Column("unit", "%, fraction, ratio, copies/µg, copies per 1e4, mg/L ...", ("einheit", "units")),
        Column(
            "denominator",
            "what it is a share of, or the control gene: CD45+, nuclei, ABL1 ...",
            ("of", "reference", "control_gene", "bezug", "kontrollgen"),
        ),
        Column(
            "population",
            "cells it was measured on: blasts, T cells ...",
            ("cells_measured", "population_name", "zellpopulation"),
        ),
        own.RESULT,
        *own.LIMITS,
        Column("target_copies", "copies of the target", ("copies", "zielkopien"), numeric=True),
        Column(
            "control_copies",
            "copies of the control gene",
            ("control_gene_copies", "kontrollkopien", "abl1_copies", "abl_copies"),
            numeric=True,
        ),
        Column("events", "positive events (flow)", ("positive_events", "ereignisse"), numeric=True),
        Column("events_total", "events in all (flow)", ("total_events", "ereignisse_gesamt"), numeric=True),
        Column(
            "ct",
            "threshold cycles of the replicates, separated by spaces or semicolons: 38.1; undetermined; undetermined",
            ("cq", "ct_values", "cq_values"),
        ),
        Column("first_pull", "yes or no: the marrow was the first pull (flow)", ("first_draw",)),
        Column("age_days", "days from sampling to measurement (flow)", ("sample_age", "sample_age_days"), numeric=True),
        Column("compartment_cells", "viable cells of the blast compartment (flow)", ("blast_cells",), numeric=True),
        Column("cells", "cells with the property", ("zellen",), numeric=True),
        Column("cells_total", "cells looked at", ("total_cells", "zellen_gesamt"), numeric=True),
        own.TECHNIQUE,
        own.ASSAY,
        own.NOTE,
    ),
    needs=(frozenset({"name", "value"}), frozenset({"name", "result"})),
    in_unit=frozenset({"value", "lod", "loq", "cutoff"}),
    stand_in=("result", "value"),
    rules=(
        "Without a value, a level is computed from events / events_total, cells / cells_total or target_copies / control_copies.",
        "A row with result but no value is a detection (or a miss) without a level.",
    ),
    example={
        "sample": "S3",
        "name": "MFC-MRD",
        "kind": "flow",
        "value": "0.025 %",
        "denominator": "CD45+",
        "lod": "0.01 %",
        "events": "125",
        "events_total": "500000",
        "technique": "flow cytometry",
        "date": "2021-05-12",
        "tissue": "BM",
    },
)

#: The quantity that a kind's value is when the row does not say.
_QUANTITY_OF = {
    MarkerKind.FLOW: "cell_fraction",
    MarkerKind.BLASTS: "cell_fraction",
    MarkerKind.ANTIGEN: "cell_fraction",
    MarkerKind.CHIMERISM: "cell_fraction",
    MarkerKind.COPY_NUMBER: "cell_fraction",
    MarkerKind.ANALYTE: "analyte",
}

_TECHNIQUE_OF = {
    MarkerKind.FLOW: Technique.FLOW,
    MarkerKind.ANTIGEN: Technique.FLOW,
    MarkerKind.ANALYTE: Technique.LABORATORY,
    MarkerKind.REPORTED: Technique.REPORTED,
}

#: Names that say their kind.
_KIND_BY_NAME = (
    (re.compile(r"\bblast", re.IGNORECASE), MarkerKind.BLASTS),
    (re.compile(r"\b(mfc|fcm|flow)\b", re.IGNORECASE), MarkerKind.FLOW),
    (re.compile(r"chim(a|e|ae|ä)rism", re.IGNORECASE), MarkerKind.CHIMERISM),
    (
        re.compile(
            r"^(crp|il-?\d+|ifn|tnf|ferritin|ldh|anc|wbc|plt|hb|hgb|platelets|neutrophils|thrombozyten|leukozyten|temperature|temperatur)\b",
            re.IGNORECASE,
        ),
        MarkerKind.ANALYTE,
    ),
)


#: Units that only measured values of a laboratory have: mass, substance, activity or cells per volume.
_UNIT_OF_ANALYTE = re.compile(
    r"(?:[mµμunp]?g|[mµμunp]?mol|[mk]?(?:IU|IE|U))/(?:[dmµμu]?[lL])|(?:x|×)?\s*10\s*(?:\^|\*\*|E)?\s*(?:3|6|9|12|³|⁶|⁹|¹²)\s*/\s*[µμu]?[lL]"
    r"|[GT]/[lL]|/[nµμ][lL]|(?:mil|k|thou)/[µμu][lL]"
)


def read_measurements(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per row that states something, and the samples that rows describe.

    Raises
    ------
    FormatError
        A cell cannot be understood, or its value is impossible; file, line and column are named.
    """
    return read_results(path, options, TABLE, lambda row, rows: _calls(row, rows, options))


def _calls(row: Row, rows: OwnRows, options: ReadOptions) -> Iterator[Call]:
    kind = kind_of(row)
    if kind is MarkerKind.REPORTED:
        yield reported_call(row, rows, row.need("name"), conclusion_of(row, "value"))
        return
    result = cells.result_of(row, rows)
    quantity = _quantity(row, kind)
    unit = canonical_unit(row.text("unit") or row.unit_of("value")) or options.unit
    denominator = row.text("denominator")
    counts = _counts(row)
    cell = cells.value_of(row, rows, "value", quantity or "analyte", unit=unit, denominator=denominator)
    formula = ""
    if not cell.states and (computed := _from_counts(row, counts, denominator)) is not None:
        cell, formula = computed
        quantity = cell.printed.quantity if cell.printed else quantity
    if not cell.states and result is None:
        return
    if cell.printed is not None and not quantity:
        raise row.error(
            f"states a value of kind {kind} without saying what it is.",
            advice="Fill in 'quantity' (vaf, allelic_ratio, fusion_fraction, normalized_copies ...).",
        )
    cells.refuse_contradiction(row, result, cell)
    yield Call(
        finding=_finding(row, kind),
        line=row.line,
        result=cells.settled(result, cell),
        levels=(cell.printed,) if cell.printed is not None else (),
        counts=counts,
        limits=cells.limits_of(row, quantity, cells.unit_of_limits(row, rows, "value", cell, unit))
        if quantity
        else _bare_limits(row),
        formula=formula,
        patient=row.text("patient"),
        sample=row.text("sample"),
        assay=row.text("assay"),
        technique=cells.technique_of(row, _TECHNIQUE_OF.get(kind)),
        notes=cells.notes_of(row),
        extra=rows.extra(row),
        adequacy=_adequacy(row),
    )


def conclusion_of(row: Row, column: str) -> str:
    """A conclusion as written: ``none`` is one (extramedullary disease: none), where elsewhere it says that a cell is empty."""
    written = row.raw(column).strip()
    return written if written.lower() == "none" else row.need(column)


def reported_call(row: Row, rows: OwnRows, topic: str, conclusion: str) -> Call:
    """A conclusion without its finding; a conclusion that is a word of result (``negativ``) is one."""
    return Call(
        finding=Reported(topic, conclusion),
        line=row.line,
        result=cells.result_of(row, rows) or cells.result_of_conclusion(conclusion),
        patient=row.text("patient"),
        sample=row.text("sample"),
        assay=row.text("assay"),
        technique=cells.technique_of(row, Technique.REPORTED),
        notes=cells.notes_of(row),
        extra=rows.extra(row),
    )


def kind_of(row: Row) -> MarkerKind:
    """The row's kind: as stated, else as its name says beyond doubt."""
    stated = row.text("kind").lower().replace(" ", "_")
    if stated:
        if stated in set(MarkerKind):
            return MarkerKind(stated)
        raise row.error(f"column 'kind' holds '{row.raw('kind')}'.", advice=f"Use one of {', '.join(MarkerKind)}.")
    name = row.need("name")
    for pattern, kind in _KIND_BY_NAME:
        if pattern.search(name):
            return kind
    if cells.checked(row, "name", fusion_of, name) is not None:
        return MarkerKind.FUSION
    if _UNIT_OF_ANALYTE.fullmatch(row.text("unit") or row.unit_of("value")):
        return MarkerKind.ANALYTE
    raise row.error(
        f"column 'name' holds '{name}', which does not say what kind of thing it is.",
        advice="Fill in 'kind' (flow, blasts, analyte, fusion ...).",
    )


def _quantity(row: Row, kind: MarkerKind) -> str:
    """What the value is: as stated, the kind's own, or copies over control copies where a control gene is named; "" = unknown."""
    stated = row.text("quantity").lower().replace(" ", "_")
    if stated:
        if stated not in QUANTITIES:
            raise row.error(
                f"column 'quantity' holds '{row.raw('quantity')}'.", advice=f"Use one of {', '.join(QUANTITIES)}."
            )
        return stated
    if kind in _QUANTITY_OF:
        return _QUANTITY_OF[kind]
    if row.text("control_copies") or is_gene(row.text("denominator") or "?"):
        return "normalized_copies"
    return ""


def _finding(row: Row, kind: MarkerKind) -> Finding:
    name = row.need("name")
    if kind is MarkerKind.FUSION:
        fusion = cells.checked(row, "name", fusion_of, name)
        if fusion is None:
            raise row.error(
                f"column 'name' holds '{name}', which is not a fusion of two known genes.",
                advice="Write RUNX1::RUNX1T1.",
            )
        return fusion
    if kind is MarkerKind.SMALL_VARIANT:
        variant = variant_of(name)
        if variant is None:
            raise row.error(
                f"column 'name' holds '{name}', which is not a variant of a known gene.",
                advice="Write the gene, then c. or p. (NPM1 c.860_863dup, NPM1 type A).",
            )
        return variant
    if kind is MarkerKind.ITD:
        gene = re.split(r"[-\s_]", name)[0]
        if not is_gene(gene):
            raise row.error(
                f"column 'name' holds '{name}', which does not begin with a known gene.", advice="Write FLT3-ITD."
            )
        return Itd(gene, aggregate=True)
    if kind is MarkerKind.COPY_NUMBER:
        change = copy_number_of(name)
        if change is None:
            raise row.error(
                f"column 'name' holds '{name}', which is not a gain or loss.",
                advice="Write TP53 deletion, del(5q), -7 or +8.",
            )
        return change
    if kind in {MarkerKind.KARYOTYPE_EVENT, MarkerKind.STRUCTURAL_VARIANT}:
        raise row.error(
            f"is of kind {kind}, which this table cannot hold.", advice="Ingest the karyotype or the caller's own file."
        )
    gene = name.split()[0] if kind is MarkerKind.EXPRESSION else ""
    return Measured(kind, name, gene=gene if gene and is_gene(gene) else "", population=row.text("population"))


def _counts(row: Row) -> Counts:
    number = {
        name: row.number(name, 0)
        for name in ("target_copies", "control_copies", "events", "events_total", "cells", "cells_total")
    }
    for part, whole in (("events", "events_total"), ("cells", "cells_total")):
        above, below = number[part], number[whole]
        if above is not None and below is not None and above > below:
            raise row.error(f"counts {above} {part} of {below}.")
    return Counts(
        copies=cells.as_float(number["target_copies"]),
        control_copies=cells.as_float(number["control_copies"]),
        events=cells.as_float(number["events"]),
        events_total=cells.as_float(number["events_total"]),
        cells=cells.as_float(number["cells"]),
        cells_total=cells.as_float(number["cells_total"]),
    )


def _adequacy(row: Row) -> Adequacy:
    return Adequacy(
        cycles=tuple(_cycle(row, text) for text in re.split(r"[;|/\s]+", row.text("ct")) if text),
        first_pull=cells.yes_no(row, "first_pull"),
        age_days=cells.as_float(row.number("age_days", 0)),
        compartment_cells=cells.as_float(row.number("compartment_cells", 0)),
    )


def _cycle(row: Row, text: str) -> float | None:
    """A threshold cycle; None for a replicate that did not amplify."""
    if text.lower() in {"undetermined", "negative", "nan"}:
        return None
    try:
        cycle = float(text.replace(",", "."))
    except ValueError:
        cycle = -1.0
    if not 0 <= cycle <= 100:
        raise row.error(
            f"column 'ct' holds '{row.raw('ct')}'.",
            advice="Write cycles from 0 to 100 and 'undetermined': 38.1; undetermined.",
        )
    return cycle


def _from_counts(row: Row, counts: Counts, denominator: str) -> tuple[Cell, str] | None:
    pairs = (
        ("cell_fraction", "events / events_total", counts.events, counts.events_total),
        ("cell_fraction", "cells / cells_total", counts.cells, counts.cells_total),
        ("normalized_copies", "target_copies / control_copies", counts.copies, counts.control_copies),
    )
    for quantity, formula, above, below in pairs:
        if above is None or below is None:
            continue
        if below == 0:
            raise row.error(
                f"has {formula.split(' / ')[1]} 0: nothing can be said.",
                advice="Write 'not evaluable' as result and leave the counts empty.",
            )
        unit = "fraction" if quantity == "cell_fraction" else "ratio"
        return Cell(
            printed=Printed(
                quantity, Decimal(repr(above)) / Decimal(repr(below)), unit, f"{above:g}/{below:g}", "", denominator
            )
        ), formula
    return None


def _bare_limits(row: Row) -> tuple[()]:
    for kind in ("lod", "loq", "cutoff"):
        if row.text(kind):
            raise row.error(f"declares a {kind} without saying what is measured.", advice="Fill in 'quantity'.")
    return ()


MEASUREMENTS = own.format_of(TABLE, read_measurements)
