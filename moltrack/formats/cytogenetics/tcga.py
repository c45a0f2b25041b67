"""FISH columns of a TCGA clinical biotab table: parallel lists of components and percentages of nuclei, one row per patient."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moltrack.errors import InputError
from moltrack.formats.cytogenetics.nuc_ish import NUCLEI
from moltrack.formats.cytogenetics.probes import not_told_which, usual_finding
from moltrack.formats.files import Head
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.model import Call, FileInfo, Printed, Record, Refused, Result, Technique
from moltrack.quantity import canonical_level, parse_printed

BIOTAB_COLUMNS = ("bcr_patient_barcode", "FISH_test_component", "FISH_test_component_percentage_value")
_ABNORMAL = "fluorescence_in_situ_hybridization_abnormal_result_indicator"


def read_biotab(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per component of TCGA's parallel lists (``PML-RAR|MLL`` / ``95|1``: percent of nuclei).

    The file's one word per patient (abnormal: YES or NO) is kept where it can mean one component only: NO is negative for all,
    YES positive for the only component, or the only one above 0.

    Raises
    ------
    FormatError
        The two lists of a row differ in length, or a percentage is impossible.
    """
    table = read_table(path, required=BIOTAB_COLUMNS, delimiter="\t", limits=options.limits)
    records = [record for row in table.rows for record in _components(row)]
    yield FileInfo(tool="TCGA biotab", rows=len(table.rows), kept=sum(isinstance(record, Call) for record in records))
    yield from records


def _components(row: Row) -> Iterator[Record]:
    names, values = row.text("FISH_test_component"), row.text("FISH_test_component_percentage_value")
    if not names or not values:
        return
    components, levels = names.split("|"), values.split("|")
    if len(components) != len(levels):
        raise row.error(f"lists {len(components)} components but {len(levels)} percentages.")
    printed = [_percentage(row, text) for text in levels]
    above = [level.value is not None and level.value > 0 for level in printed]
    word = row.text(_ABNORMAL).upper()
    for name, level, is_above in zip(components, printed, above, strict=True):
        if name.strip().lower() == "other":
            yield Refused(row.line, f"the FISH component 'Other' ({level.text} %) names no probe.")
            continue
        result = Result.NEGATIVE if word == "NO" else None
        if word == "YES" and is_above and sum(above) == 1:
            result = Result.POSITIVE
        yield Call(
            finding=usual_finding(row, name.strip().replace("del (", "del(")),
            line=row.line,
            result=result,
            levels=(level,),
            patient=row.need("bcr_patient_barcode"),
            technique=Technique.FISH,
            notes=not_told_which(name),
        )


def _percentage(row: Row, text: str) -> Printed:
    try:
        printed = parse_printed(text.strip(), "cell_fraction", unit="%", denominator=NUCLEI)
        canonical_level(printed)
    except InputError as error:
        raise row.error(f"column 'FISH_test_component_percentage_value' holds '{text}': {error.message}") from None
    return printed


def sniff_biotab(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.has_columns(*BIOTAB_COLUMNS) else Sniff.NO


BIOTAB = Format(
    name="tcga_fish",
    title="FISH columns of a TCGA clinical biotab table",
    family="cytogenetics",
    technique=Technique.FISH,
    sniff=sniff_biotab,
    read=read_biotab,
    versions="biotab of the TCGA legacy archive",
    columns_source="TCGA LAML clinical_patient biotab",
    empty=Empty.ASK,
)
