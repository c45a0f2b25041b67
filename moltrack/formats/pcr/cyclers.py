"""Quantitative PCR: Applied Biosystems cyclers (text and xlsx), Bio-Rad CFX.

Source  QuantStudio Real-Time PCR Software and ViiA 7: blocks ``[Results]`` of the text export, sheet ``Results`` of the
        workbook; Design & Analysis Software: table of results below lines of ``#``; StepOne and 7500 software 2: table of results
        below ``Block Type``; SDS 1 and 2: table of results below ``SDS``; CFX Manager and Maestro: quantification results as csv or xlsx
Units   ``Quantity`` and ``Starting Quantity`` in copies when the plate has a standard curve, else empty; Ct in cycles
Words   ``Undetermined``, ``NaN``: not amplified. ``CT`` is spelled with a Cyrillic т in some exports
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from moltrack.errors import FormatError, InputError
from moltrack.formats.files import Head, delimiter_of, read_text, split_line, xlsx_rows
from moltrack.formats.pcr.quantitative import qpcr_records
from moltrack.formats.pcr.wells import Well, role_of
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, cells_of_line, normal_name, read_table
from moltrack.model import Record, Refused, Technique
from moltrack.quantity import decimal_sign

#: Lines that only these instruments write above their blocks.
_SETUP = re.compile(
    r"[*#] (Block Type|Instrument Type = (QuantStudio|ViiA)|Quantification Cycle Method|Stage/ ?Cycle where)"
)
#: The first line of exports that are no blocks: StepOne, 7500 (software 2) and SDS.
_OLDER = re.compile(r"\"?(Block Type\"?\s*[,;\t]|(Applied Biosystems )?SDS v?[12]\.)")
_CYRILLIC_T = str.maketrans("тТ", "tT")
_NOT_AMPLIFIED = {"undetermined", "undet.", "undet", "nan", "n/a", "na"}
#: What older software calls the columns.
_OLDER_COLUMNS = {"cq": "ct", "detectorname": "targetname", "detector": "targetname", "qty": "quantity"}
_CFX = ("Well", "Fluor", "Target", "Content", "Cq", "Starting Quantity (SQ)")
_NO_QUANTITY = _NOT_AMPLIFIED | {"", "-"}


def sniff_quantstudio(head: Head) -> Sniff:
    if head.is_xlsx:
        sheet = any(line.split("\t")[:2] == ["Well", "Well Position"] for line in head.lines)
        return Sniff.CERTAIN if sheet and "Block Type" in head.text else Sniff.NO
    own = head.lines[0].startswith(("* ", "# ")) and any(_SETUP.match(line) for line in head.lines)
    own = own and (head.lines[0].startswith("* ") or any(map(_heads_wells, head.lines)))
    older = _OLDER.match(head.lines[0]) and any(map(_heads_wells, head.lines))
    return Sniff.CERTAIN if own or older else Sniff.NO


def _heads_wells(line: str) -> bool:
    if not line.lstrip('"').startswith("Well"):
        return False
    cells = [normal_name(cell.translate(_CYRILLIC_T)) for cell in split_line(line[:2000])]
    if cells[:2] == ["well", "wellposition"]:
        return True
    return (
        cells[0] == "well" and "samplename" in cells and bool({"targetname", "detectorname", "detector"} & set(cells))
    )


def sniff_cfx(head: Head) -> Sniff:
    return Sniff.CERTAIN if _cfx_header(head.lines) else Sniff.NO


def _cfx_header(lines: Sequence[str]) -> int:
    """Line (1-based) of the header, which may stand below the information about the run; 0 = none."""
    wanted = {normal_name(name) for name in _CFX}
    for number, line in enumerate(lines[:40], start=1):
        if "Fluor" in line and wanted <= {normal_name(cell) for cell in split_line(line)}:
            return number
    return 0


def read_quantstudio(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per target and well of the results.

    Raises
    ------
    FormatError
        There are no results, or they are genotypes: no quantity of anything.
    """
    lines, experiment, controls = _sheet(path, options) if Head.of(path).is_xlsx else _text(path, options)
    rows = _results(path, lines, options)
    names = {name for row in rows for name in row.cells}
    if "genotyping" in experiment.lower() or normal_name("SNP Assay Name") in names:
        raise FormatError("is a genotyping run: it measures no quantity that could be followed.", path=path)
    omitted = [row for row in rows if row.text("Omit").lower() == "true"]
    wells: list[Well] = []
    refused = [Refused(row.line, f"well {row.text('Well Position')} was omitted by the laboratory.") for row in omitted]
    for row in rows:
        if row in omitted:
            continue
        try:
            wells.append(
                _well(
                    row,
                    row.text("Well Position") or row.text("Well"),
                    "Sample Name" if "samplename" in names else "Sample",
                    "Target Name" if "targetname" in names else "Target",
                    row.text("Task"),
                    "ct",
                    "quantity",
                    path,
                    controls,
                )
            )
        except FormatError as error:
            refused.append(Refused(row.line, error.message))
    return qpcr_records(path, "quantstudio", wells, refused)


def read_cfx(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per target and well."""
    table = read_table(
        path,
        required=("Well", "Target", "Cq"),
        header_line=_cfx_header(Head.of(path).lines),
        numeric=("Cq", "Starting Quantity (SQ)"),
        decimal=options.decimal,
        limits=options.limits,
    )
    wells: list[Well] = []
    refused: list[Refused] = []
    for row in table.rows:
        try:
            wells.append(
                _well(
                    row,
                    row.need("Well"),
                    "Sample",
                    "Target",
                    row.text("Content"),
                    "Cq",
                    "Starting Quantity (SQ)",
                    path,
                    frozenset(),
                )
            )
        except FormatError as error:
            refused.append(Refused(row.line, error.message))
    return qpcr_records(path, "cfx_maestro", wells, refused)


def _well(
    row: Row,
    name: str,
    sample: str,
    target: str,
    kind: str,
    cycle: str,
    quantity: str,
    path: Path,
    controls: frozenset[str],
) -> Well:
    if not row.text(target):
        raise row.error(f"well {name} names no target.")
    printed = row.raw(cycle)
    if not printed:  # an empty cell, or a row that was cut: not the word for a target that did not amplify
        raise row.error(f"well {name} holds no cycle.")
    ct = None if printed.lower() in _NOT_AMPLIFIED else row.number(cycle, 0, 100)
    return Well(
        line=row.line,
        name=name,
        sample=row.text(sample),
        target=row.text(target),
        role=role_of(kind.replace("_", " "), row.text(sample)),
        ct=ct,
        quantity=None if row.raw(quantity).lower() in _NO_QUANTITY else row.number(quantity, 0),
        is_reference=row.text(target) in controls,
        plate=path.stem,
        extra=tuple(
            (label, text) for label in ("Delta Ct", "RQ", "Comments", "Amp Status") if (text := row.text(label))
        ),
    )


_Lines = list[tuple[int, list[str]]]


def _text(path: Path, options: ReadOptions) -> tuple[_Lines, str, frozenset[str]]:
    """Cells of the results, the type of experiment, and the endogenous controls named below the block."""
    lines = read_text(path, limits=options.limits).split("\n")
    experiment = next((line for line in lines if line[1:].startswith(" Experiment Type")), "")
    begin = next((number for number, line in enumerate(lines) if line.strip() == "[Results]"), None)
    if begin is None and lines[0].startswith("* "):
        raise FormatError("holds no block [Results].", path=path, advice="Export the results with the setup.")
    start = next((n for n, line in enumerate(lines) if _heads_wells(line)), len(lines)) if begin is None else begin + 1
    delimiter = delimiter_of(lines[start]) if begin is None and start < len(lines) else "\t"
    found: _Lines = []
    for number, line in enumerate(lines[start:], start=start + 1):
        if not line.strip() or line.startswith("["):
            break
        found.append((number, cells_of_line(path, number, line, delimiter)))
    controls = frozenset(line.partition("=")[2].strip() for line in lines if line.startswith("Endogenous Control"))
    return found, experiment, controls


def _sheet(path: Path, options: ReadOptions) -> tuple[_Lines, str, frozenset[str]]:
    rows = list(enumerate(xlsx_rows(path, "Results", limits=options.limits), start=1))
    experiment = next((" ".join(cells[:2]) for _, cells in rows if cells and cells[0] == "Experiment Type"), "")
    controls = frozenset(cells[1] for _, cells in rows if len(cells) > 1 and cells[0] == "Endogenous Control")
    begin = next((index for index, (_, cells) in enumerate(rows) if cells[:2] == ["Well", "Well Position"]), None)
    if begin is None:
        raise FormatError("its sheet 'Results' holds no table of wells.", path=path)
    found: _Lines = []
    for number, cells in rows[begin:]:
        if not any(cells):
            break
        found.append((number, cells))
    return found, experiment, controls


def _results(path: Path, lines: _Lines, options: ReadOptions) -> list[Row]:
    if not lines:
        raise FormatError("its block [Results] is empty.", path=path)
    header = [normal_name(name.translate(_CYRILLIC_T)) for name in lines[0][1]]
    header = [_OLDER_COLUMNS.get(name, name) for name in header]
    if "ct" not in header and normal_name("SNP Assay Name") not in header:
        raise FormatError("its results have no column CT.", path=path, line=lines[0][0])
    # SDS writes a slope line and remarks of one cell below the wells.
    body = [(number, dict(zip(header, cells, strict=False))) for number, cells in lines[1:] if len(cells) > 2]
    decimals: dict[str, str | None] = {}
    for column in ("ct", "quantity"):
        cells = [row.get(column, "") for _, row in body]
        try:
            decimals[column] = options.decimal or decimal_sign(cell for cell in cells if re.search(r"\d", cell))
        except InputError as error:
            raise FormatError(f"column '{column}': {error}", path=path) from None
    return [Row(path, number, cells, decimals) for number, cells in body]


QUANTSTUDIO = Format(
    name="quantstudio",
    title="QuantStudio, ViiA 7, StepOne, 7500 (qPCR)",
    family="pcr",
    technique=Technique.QPCR,
    sniff=sniff_quantstudio,
    read=read_quantstudio,
    versions="QuantStudio 1.x, 12K Flex, ViiA 7; Design & Analysis 2; StepOne and 7500 2.x; SDS 1.4, 2.x",
    columns_source="QuantStudio Real-Time PCR Software user guide",
)

CFX_MAESTRO = Format(
    name="cfx_maestro",
    title="Bio-Rad CFX Manager and Maestro (qPCR)",
    family="pcr",
    technique=Technique.QPCR,
    sniff=sniff_cfx,
    read=read_cfx,
    versions="CFX Manager 3, CFX Maestro 1 and 2",
    columns_source="CFX Maestro user guide",
)
