"""``moltrack trend``: clearance curves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from moltrack.cli.common import PATIENT_ARGUMENT, SINCE_OPTION, open_store, show
from moltrack.export.cells import write_rows
from moltrack.timeline import write_private

COLUMNS = [
    "marker",
    "quantity",
    "assay",
    "tissue",
    "sample",
    "day",
    "status",
    "value",
    "log10 reduction",
    "% of baseline",
    "note",
]


@click.command()
@PATIENT_ARGUMENT
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=None,
    help="FILE.html, .svg, .png or .csv; without it the figures are printed.",
)
@click.option("--marker", "markers", multiple=True, help="Only this marker (id, label, gene or lesion); repeatable.")
@click.option("--scale", type=click.Choice(["log", "linear"]), default="log", show_default=True, help="Axis of levels.")
@SINCE_OPTION
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Form of what is printed.",
)
@click.pass_context
def command(
    ctx: click.Context, patient: str, output: Path | None, markers: tuple[str, ...], scale: str, since: str, form: str
) -> None:
    """Show how the markers of PATIENT rise and fall, each against its baseline.

    A sample below the limit gives a bound (>= 2.5 log10), never a number made up. Rows without sample say how a series went, and what its
    marker says of clones: when it was first detected, what became of it, with which it moves together, the share of cells.

    \b
    moltrack trend P01
    moltrack trend P01 -o P01.html --marker FLT3-ITD
    """
    from moltrack.timeline import timeline

    store = open_store(ctx)
    line = timeline(store, patient, since=since)
    if output is None or output.suffix.lower() == ".csv":
        rows = [*clearance_rows(line, markers), *clone_rows(line, markers)]
        if output is None:
            show(rows, COLUMNS, form, empty=f"Patient {patient} has no series.")
            return
        import io

        buffer = io.StringIO()
        write_rows(buffer, rows, COLUMNS)
        write_private(output, buffer.getvalue())
    elif output.suffix.lower() == ".html":
        write_private(
            output, line.trend_page(markers, scale=scale, stamp=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"))
        )
    elif output.suffix.lower() in {".svg", ".png"}:
        from moltrack.report.image import write_image

        write_image(line.figure(markers, scale=scale), output)
    else:
        raise click.UsageError(f"-o {output}: the ending must be .html, .svg, .png or .csv.")
    click.echo(f"Wrote {output}.", err=True)


def clearance_rows(line: Any, markers: tuple[str, ...]) -> list[dict[str, Any]]:
    """One row per point, and one per estimate, of every series with a level or a bound."""
    from moltrack.quantity import format_level

    wanted = {line.marker(name).id for name in markers}
    rows: list[dict[str, Any]] = []
    for item in line.clearances:
        series = item.series
        if wanted and series.marker not in wanted:
            continue
        reductions = {reduction.sample: reduction for reduction in item.reductions}
        head = {
            "marker": series.label,
            "quantity": series.quantity or "result",
            "assay": series.assay,
            "tissue": str(series.tissue),
        }
        for point in series.points:
            reduction = reductions.get(point.sample)
            is_baseline = item.baseline is not None and point.sample == item.baseline.sample
            note = "baseline" if is_baseline else (reduction.reason if reduction else "")
            if is_baseline and item.reason:
                note = f"baseline; {item.reason}"
            elif not reduction and not is_baseline and item.reason:
                note = item.reason
            shown = (
                f"{point.observation.comparator} {format_level(point.level, series.quantity)}".strip()
                if point.level is not None and series.quantity not in {"", "analyte"}
                else point.observation.printed
            )
            if point.level is None and point.bound is not None and series.quantity not in {"", "analyte"}:
                shown = f"< {format_level(point.bound.value, series.quantity)}"
            rows.append(
                head
                | {
                    "sample": point.sample,
                    "day": point.day,
                    "status": str(point.status).replace("_", " "),
                    "value": shown,
                    "log10 reduction": f"{reduction.comparator}{reduction.log10:.3f}"
                    if reduction and reduction.log10 is not None
                    else "",
                    "% of baseline": f"{'≤' if reduction.comparator == '≥' else ''}{reduction.percent_of_baseline:.3g}"
                    if reduction and reduction.percent_of_baseline is not None
                    else "",
                    "note": note,
                }
            )
        # One sample is a value, not a course.
        for estimate in item.estimates if len(series.points) > 1 else ():
            if estimate.value is None:
                continue
            rows.append(
                head
                | {
                    "sample": "",
                    "day": None,
                    "status": estimate.name.replace("_", " "),
                    "value": _estimate(estimate, series.quantity),
                    "log10 reduction": "",
                    "% of baseline": "",
                    "note": estimate.warning,
                }
            )
    return rows


def clone_rows(line: Any, markers: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """What the markers say of clones, and the levels of panels as a whole when no marker is chosen."""
    from moltrack.report.clones import clones_in_words

    wanted = {line.marker(name).id for name in markers}
    words = clones_in_words(line.clones)
    for found, row in zip(line.clones.markers, words.rows, strict=True):
        if wanted and found.marker not in wanted:
            continue
        together = [other.label for other in words.rows if row.group and other.group == row.group and other is not row]
        said = (
            ("first detected", f"in sample {row.sample}", row.first),
            ("course", row.status, ""),
            (
                "moves together",
                f"with {', '.join(together)}" if together else "",
                "suggests one clone, does not prove it",
            ),
            ("share of cells", row.cells, row.note),
        )
        for name, value, note in said:
            if value:
                yield _row(row.label, status=name, value=value, note=note)
    if wanted:
        return
    if not line.clones.groups and len(words.rows) > 1:
        yield _row("all markers", status="moves together", value="none", note=line.clones.reason)
    for level, pooled in zip(line.clones.pooled, words.pooled, strict=True):
        missing = f"not tested: {pooled.missing}" if pooled.missing else ""
        yield _row(
            "variants of the panel together",
            quantity="vaf",
            assay=level.assay,
            tissue=str(level.tissue),
            sample=level.sample,
            day=level.day,
            status="pooled",
            value=f"{pooled.level} ({pooled.interval})",
            note="; ".join(filter(None, [f"limit {pooled.limit}", pooled.variants, missing])),
        )


def _row(marker: str, **cells: Any) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS, "") | {"marker": marker, "day": None} | cells


#: Estimates that are levels of their series, written as the levels are.
_LEVELS = frozenset({"cmax", "clast", "nadir"})


def _estimate(estimate: Any, quantity: str) -> str:
    """An estimate with its interval: levels as the series prints them, everything else with four digits."""
    from moltrack.quantity import format_level

    if estimate.name in _LEVELS and quantity not in {"", "analyte"}:
        return f"{estimate.comparator}{format_level(estimate.value, quantity)}"
    shown = f"{estimate.value:,.0f}" if abs(estimate.value) >= 1e4 else f"{estimate.value:.4g}"
    interval = estimate.interval
    if interval and interval.low is not None and interval.high is not None:
        shown += f" ({interval.low:.3g} to {interval.high:.3g})"
    return f"{estimate.comparator}{shown} {estimate.unit}".strip()
