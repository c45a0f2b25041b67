"""``moltrack assay``: list assays and add a sheet of them."""

from __future__ import annotations

from pathlib import Path

import click

from moltrack.cli.common import FORMAT_OPTION, INPUT_PATH, open_store, show

COLUMNS = [
    "assay",
    "technique",
    "tissue",
    "quantity",
    "denominator",
    "limits",
    "covers",
    "same_as",
    "factor",
    "k_of_n",
    "version",
    "note",
]


@click.group()
def command() -> None:
    """List assays: technique, what they cover, their limits. Add them from an assay sheet.

    What an assay covers (genes, lesions, panel:NAME) is what makes "not seen" mean "not detected".

    \b
    moltrack formats --template assays > assays.yaml
    moltrack assay add assays.yaml
    """


@command.command("list")
@FORMAT_OPTION
@click.pass_context
def list_(ctx: click.Context, form: str) -> None:
    """Assays of the database.

    \b
    moltrack assay list
    """
    rows = [
        {
            "assay": item.id,
            "technique": str(item.technique),
            "tissue": str(item.tissue),
            "quantity": item.quantity,
            "denominator": item.denominator,
            "limits": "; ".join(f"{limit.kind} {limit.value.quantity}={limit.value.text}" for limit in item.limits),
            "covers": ";".join(_covers(item.covers)),
            "same_as": item.same_as,
            "factor": item.factor,
            "k_of_n": item.detected_k_of_n,
            "version": item.version,
            "note": item.note,
        }
        for item in open_store(ctx).assays()
    ]
    show(rows, COLUMNS, form, empty="No assays are declared; each format's default applies.")


def _covers(names: tuple[str, ...]) -> list[str]:
    """What an assay covers, the regions of a BED counted."""
    regions = sum(name.startswith("region:") for name in names)
    shown = [name for name in names if not name.startswith("region:")]
    return [*shown, f"{regions} regions"] if regions else shown


@command.command("add")
@click.argument("sheet", type=INPUT_PATH)
@click.pass_context
def add(ctx: click.Context, sheet: Path) -> None:
    """Add or change the assays of SHEET (assays.yaml); patients that use them are derived anew.

    \b
    moltrack assay add assays.yaml
    """
    from moltrack import formats
    from moltrack.formats import ReadOptions
    from moltrack.model import Assay
    from moltrack.normalize import normalize

    reading = formats.read(sheet, ReadOptions(input_format="assays"))
    store = open_store(ctx, create=True)
    for record in reading.records:
        if isinstance(record, Assay):
            store.set_assay(record, normalize)
            click.echo(f"Assay {record.id} is set.")
