"""Schedules of visits: a plan, not a result. ``moltrack trial`` reads them; ingest says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.clinical import own
from moltrack.formats.clinical.own import Column, OwnTable
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.model import Record, Technique

TABLE = OwnTable(
    name="schedule",
    title="Schedule of visits: when which sample is planned; one row per visit and tissue",
    columns=(
        Column("visit", "name of the visit: screening, C2, EOT ..."),
        Column("day", "planned day, counted from day 0", ("planned_day", "target_day"), numeric=True),
        Column("before", "days that the window begins before it", ("window_before",), numeric=True),
        Column("after", "days that the window ends after it", ("window_after",), numeric=True),
        Column("tissue", "BM, PB or other; empty = any"),
        Column("tests", "what is tested, separated by ; : markers, genes, lesions or techniques (NPM1; flow)"),
        own.NOTE,
    ),
    needs=(frozenset({"visit", "day", "before", "after"}),),
    rules=(
        "A sample goes to the visit of its tissue with the nearest planned day among the windows that hold it.",
        "Lines that begin with # are comments.",
    ),
    example={"visit": "C2", "day": "56", "before": "7", "after": "7", "tissue": "BM", "tests": "NPM1; flow"},
    describes_samples=False,
)


def template() -> str:
    """The empty schedule with its legend; what cells of results mean is of no concern here."""
    lines = own.template_of(TABLE).splitlines(keepends=True)
    return "".join(line for line in lines if line.strip().removeprefix("# ") not in own.CELL_RULES)


def sniff_schedule(head: Head) -> Sniff:
    return own.sniff_own(head, TABLE)


def _nothing(path: Path, options: ReadOptions) -> Iterator[Record]:
    return iter(())


SCHEDULE = Format(
    name=TABLE.name,
    title=TABLE.title,
    family="clinical",
    technique=Technique.UNKNOWN,
    sniff=sniff_schedule,
    read=_nothing,
    versions="as its template",
    columns_source="moltrack's own table",
    template=template(),
    refuses="is a schedule of visits and holds no result; give it to 'moltrack trial visits --schedule'.",
)
