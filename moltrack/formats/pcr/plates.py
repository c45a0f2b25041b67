"""Digital PCR on plates: QIAcuity and Absolute Q.

Source  QIAcuity Software Suite (list of wells as csv, first line ``sep=,``); QuantStudio Absolute Q: results, one row per well and
        dye, or the summary, one row per well with the columns of each dye side by side under the dye's name
Units   concentrations in copies per µL of reaction
Rows    one per well and target; Absolute Q adds ``Average`` rows, which repeat what stands in the wells
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head, delimiter_of, read_text
from moltrack.formats.pcr.digital import dpcr_records
from moltrack.formats.pcr.wells import Well, role_of
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, cells_of_line, normal_name, read_table
from moltrack.model import Record, Refused, Technique

#: Volumes of a partition in µL, from the instruments' own figures: -ln(23707/25485) / 86.32 per µL = 0.84 nL (QIAcuity,
#: 26k nanoplate) and -ln(1 - 34/20449) / 3.85 per µL = 0.432 nL (Absolute Q).
NANOPLATE = 0.84e-3
ABSOLUTE_Q_CHAMBER = 0.432e-3

_QIACUITY = {
    "Sample/NTC/Control": "sample",
    "Sample": "sample",
    "Conc. [cp/µL] (dPCR reaction)": "conc",
    "Conc. [copies/µL]": "conc",
    "Conc. [copies/uL]": "conc",
    "Concentration (copies/µL)": "conc",
    "Target (Name)": "target",
    "CI (95%) (dPCR reaction)": "CI (95%)",
    "Partitions (valid)": "partitions",
    "Partitions (positive)": "positives",
}
_ABSOLUTE_Q = {"Name": "sample", "Conc. cp/uL": "conc", "Conc. cp/µL": "conc", "Conc.": "conc", "Total": "partitions"}
#: Columns of the summary's second header line that stand once; all others are repeated under each dye.
_SUMMARY = ("Run name", "Sample", "Well", "QC", "Total")


def sniff_qiacuity(head: Head) -> Sniff:
    names = {normal_name(name) for line in head.lines[:3] for name in line.split(delimiter_of(line))}
    return (
        Sniff.CERTAIN
        if {normal_name(n) for n in ("Partitions (valid)", "Partitions (positive)")} <= names
        and names & {normal_name("Target"), normal_name("Target (Name)")}
        else Sniff.NO
    )


def sniff_absolute_q(head: Head) -> Sniff:
    names = {normal_name(name) for line in head.lines[:3] for name in line.split(",")}
    own = {normal_name(n) for n in ("Group", "Dye", "Conc. cp/uL", "Positives", "Total")}
    return Sniff.CERTAIN if own <= names or _is_summary(head) else Sniff.NO


def sniff_channels(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.has_columns("Channels", "Count", "Copies per microliter", "Total") else Sniff.NO


def _is_summary(head: Head) -> bool:
    """Two header lines: the dyes, then the columns of the wells and those of each dye."""
    names = {normal_name(name) for line in head.lines[1:2] for name in line.split(",")}
    return {normal_name(n) for n in (*_SUMMARY, "Target", "Conc.", "Positives", "MeanQC")} <= names


def read_qiacuity(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per target and well."""
    return _read(path, options, "qiacuity", _QIACUITY, _qiacuity_well, NANOPLATE)


def read_absolute_q(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per target and well; averages are left out."""
    if not _is_summary(Head.of(path)):
        return _read(path, options, "absolute_q", _ABSOLUTE_Q, _absolute_q_well, ABSOLUTE_Q_CHAMBER)
    return _records(path, "absolute_q", _summary_rows(path, options), _absolute_q_well, ABSOLUTE_Q_CHAMBER)


def _summary_rows(path: Path, options: ReadOptions) -> Iterator[Row]:
    """One row per well and dye of a summary.

    Raises
    ------
    FormatError
        A quote is not closed, or a row holds more cells than the header.
    """
    lines = read_text(path, limits=options.limits).split("\n")
    dyes, names = (
        cells_of_line(path, 1, lines[0], ","),
        [normal_name(name) for name in cells_of_line(path, 2, lines[1], ",")],
    )
    starts = [index for index, dye in enumerate(dyes) if dye.strip()]
    ends = [*starts[1:], names.index("meanqc")]
    known = {normal_name(old): new for old, new in _ABSOLUTE_Q.items()}
    once = [normal_name(name) for name in _SUMMARY]
    for number, line in enumerate(lines[2:], start=3):
        cells = cells_of_line(path, number, line, ",")
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(names) :]):
            raise FormatError(f"has {len(cells)} cells, but the header names {len(names)}.", path=path, line=number)
        for start, end in zip(starts, ends, strict=True):
            own = {name: cells[names.index(name)] for name in once if names.index(name) < len(cells)}
            own |= dict(zip(names[start:end], cells[start:end], strict=False)) | {"dye": dyes[start].strip()}
            yield Row(
                path,
                number,
                {known.get(name, name): cell for name, cell in own.items()},
                {"conc": options.decimal or "."},
            )


def _read(
    path: Path,
    options: ReadOptions,
    tool: str,
    synonyms: dict[str, str],
    well_of: Callable[[Row], Well | None],
    volume: float,
) -> Iterator[Record]:
    starts, delimiter = _header_start(path) if tool == "qiacuity" else ("", ",")
    table = read_table(
        path,
        required=("target", "conc"),
        synonyms=synonyms,
        numeric=("conc",),
        delimiter=delimiter,
        header_starts=starts,
        decimal=options.decimal,
        limits=options.limits,
    )
    return _records(path, tool, table.rows, well_of, volume)


def _records(
    path: Path, tool: str, rows: Iterable[Row], well_of: Callable[[Row], Well | None], volume: float
) -> Iterator[Record]:
    wells: list[Well] = []
    refused: list[Refused] = []
    averages, plate = 0, ""
    for row in rows:
        try:
            well = well_of(row)
        except FormatError as error:
            refused.append(Refused(row.line, error.message))
            continue
        if well is None:
            averages += 1
            continue
        plate = well.plate or plate  # stated once, in the first row of a plate
        wells.append(replace(well, plate=plate))
    left_out = f"{averages} rows of averages" if averages else ""
    return dpcr_records(path, tool, wells, refused, volume=volume, left_out=left_out)


def _header_start(path: Path) -> tuple[str, str]:
    """How the header begins, and the delimiter: QIAcuity's first line ``sep=,,,,`` names it; a header whose first cell is empty follows."""
    lines = Head.of(path).lines
    if not lines[0].lower().startswith("sep=") or len(lines) < 2:
        return "", delimiter_of(lines[0])
    return lines[1][:8], lines[0][4:5] or ","


def _well(row: Row, name: str, kind: str) -> Well:
    positives, partitions = row.count("positives"), row.count("partitions")
    concentration = row.number("conc", 0)
    failed = row.text("QC").upper().startswith("FAIL")
    if concentration is None and not failed and (positives is None or not partitions):
        raise row.error(f"well {name} holds neither a concentration nor partition counts.")
    if positives is not None and partitions is not None and positives > partitions:
        raise row.error(f"well {name} has {positives} positive of {partitions} partitions.")
    if positives == 0 and concentration:
        raise row.error(f"well {name} states {concentration} copies/µL without a positive partition.")
    sample = row.text("sample")
    return Well(
        line=row.line,
        name=name,
        sample=sample,
        target=row.need("target"),
        role=role_of(kind, sample),
        concentration=None if failed else concentration,
        positives=positives,
        partitions=partitions,
        no_call=failed,
        plate=row.text("Plate ID") or row.text("Plate") or row.text("Run name"),
        extra=tuple(
            (label, text) for label in ("CI (95%)", "95%CI", "Dye", "QC", "Threshold") if (text := row.text(label))
        ),
    )


def _qiacuity_well(row: Row) -> Well:
    name = row.text("Well") or row.cells.get("", "").strip()
    if not name:
        raise row.error("names no well.")
    return _well(row, name, row.text("Type"))


def _absolute_q_well(row: Row) -> Well | None:
    if "average" in (row.text("Well").lower(), row.text("sample").lower()):
        return None
    return _well(row, row.need("Well"), "")


def _format(
    name: str,
    title: str,
    sniff: Callable[[Head], Sniff],
    read: Callable[[Path, ReadOptions], Iterator[Record]],
    versions: str,
) -> Format:
    return Format(
        name=name,
        title=title,
        family="pcr",
        technique=Technique.DPCR,
        sniff=sniff,
        read=read,
        versions=versions,
        columns_source="the instrument's user guide",
    )


CHANNELS = Format(
    name="absolute_q_channels",
    title="QuantStudio Absolute Q, partitions by combination of dyes",
    family="pcr",
    technique=Technique.DPCR,
    sniff=sniff_channels,
    versions="6",
    columns_source="the instrument's user guide",
    refuses="counts partitions by combination of dyes and names no target; ingest the results or the summary of the same run.",
)

FORMATS = (
    _format("qiacuity", "QIAGEN QIAcuity (dPCR)", sniff_qiacuity, read_qiacuity, "Software Suite 1 and 2"),
    _format("absolute_q", "QuantStudio Absolute Q (dPCR)", sniff_absolute_q, read_absolute_q, "6"),
)
