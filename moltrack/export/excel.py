"""An Excel workbook: settings and versions first, then the table with types, samples, events and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moltrack.errors import InputError
from moltrack.export.cells import neutral, plain
from moltrack.model import PatientView


def write_workbook(view: PatientView, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], path: Path) -> None:
    """Write a patient as a workbook: settings and versions, the table, samples, events, verdicts.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    samples = [
        [
            p.order,
            p.info.sample,
            str(p.info.time),
            p.day,
            str(p.info.tissue),
            str(p.info.phase or ""),
            p.info.label,
            p.info.note,
        ]
        for p in view.axis.samples
    ]
    events = [
        [
            str(p.event.type),
            p.event.name,
            str(p.event.start),
            p.day,
            p.end_day,
            ";".join(p.event.drugs),
            p.event.dose,
            p.event.unit,
            p.event.grade,
            p.event.scale,
            p.event.note,
        ]
        for p in view.axis.events
    ]
    verdicts = [
        [
            v.title,
            v.version,
            v.sample,
            v.text,
            v.as_observed,
            v.basis,
            "; ".join(v.deciding),
            "; ".join(v.flags),
            v.citation,
        ]
        for v in (*view.risk, *view.response, *view.mrd)
    ]
    write_sheets(
        [
            Sheet("Settings", ["what", "value"], _settings(view)),
            Sheet("Table", columns, [[row.get(name) for name in columns] for row in rows]),
            Sheet("Samples", ["order", "sample", "time", "day", "tissue", "phase", "label", "note"], samples),
            Sheet(
                "Events",
                ["type", "name", "start", "day", "end day", "drugs", "dose", "unit", "grade", "scale", "note"],
                events,
            ),
            Sheet(
                "Verdicts",
                ["rules", "version", "sample", "verdict", "as observed", "basis", "would decide", "flags", "citation"],
                verdicts,
            ),
        ],
        path,
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: its name, header and rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def write_sheets(sheets: Sequence[Sheet], path: Path) -> None:
    """Write a workbook whole or not at all, header in bold and frozen; numbers are numbers, text that looks like a formula is text.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    for number, sheet in enumerate(sheets):
        page: Any = book.active if number == 0 else book.create_sheet()
        page.title = sheet.title
        _fill(page, sheet.columns, sheet.rows)
        page.freeze_panes = "A2"
        for cell in page[1]:
            cell.font = Font(bold=True)
    temporary = path.with_name(path.name + ".part")
    try:
        book.save(temporary)
        temporary.chmod(0o600)
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from None


def _settings(view: PatientView) -> list[list[Any]]:
    origin = view.provenance
    return [
        ["patient", view.records.patient.patient],
        ["purpose", "for research and for review by a physician; not a medical device"],
        ["moltrack", origin.program_version],
        *(["rules", version] for version in origin.rule_versions),
        ["audit head", origin.audit_head],
        ["day 0", view.axis.anchor or "not known"],
        *([f"source {name}", digest] for name, digest in origin.sources),
    ]


def _fill(sheet: Any, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_cell(value) for value in row])
    for index, name in enumerate(columns, start=1):
        letter = sheet.cell(1, index).column_letter
        longest = max([len(name), *(len(plain(row[index - 1])) for row in rows[:200])], default=10)
        sheet.column_dimensions[letter].width = min(60, longest + 2)


def _cell(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, int | float) and value == value):
        return value
    # openpyxl stores control characters as an error; they carry no meaning here.
    return neutral("".join(character for character in plain(value) if character >= " " or character in "\n\t"))[:32767]
