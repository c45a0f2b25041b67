"""``moltrack formats``: what is read, and templates of our own tables."""

from __future__ import annotations

import click

from moltrack.cli.common import FORMAT_OPTION, show
from moltrack.errors import InputError


@click.command()
@click.option("--template", default="", metavar="NAME", help="Write the empty table of that name with its legend.")
@FORMAT_OPTION
def command(template: str, form: str) -> None:
    """List every format with versions seen and the source of its columns.

    \b
    moltrack formats
    moltrack formats --template fish > fish.csv
    """
    from moltrack.formats.registry import all_formats, format_named

    if template == "manifest":
        click.echo(_manifest_template())
        return
    if template:
        chosen = format_named(template)
        if not chosen.template:
            ours = ", ".join(["manifest", *(item.name for item in all_formats().values() if item.template)])
            raise InputError(f"'{template}' is a tool's own format and has no template.", advice=f"Templates: {ours}.")
        click.echo(chosen.template, nl=not chosen.template.endswith("\n"))
        return
    rows = [
        {
            "name": item.name,
            "family": item.family,
            "title": item.title if not item.refuses else f"{item.title} (not read: {item.refuses})",
            "technique": str(item.technique),
            "versions": item.versions,
            "no rows means": str(item.empty),
            "template": "yes" if item.template else "",
            "columns from": item.columns_source,
        }
        for item in sorted(all_formats().values(), key=lambda item: (item.family, item.name))
    ]
    shown = ["name", "family", "title", "versions", "columns from", "template"]
    columns = list(rows[0]) if rows and form != "text" else shown
    show(rows, columns, form, empty="No formats.")


def _manifest_template() -> str:
    """An empty manifest with its legend: no format of results, but a table that users write too."""
    from moltrack.manifest import COLUMNS

    legend = [f"# {name}: {text.partition(' | ')[0]}" for name, text in COLUMNS.items()]
    return "\n".join(
        ["# Manifest: one row per file; every column but path may be left out", *legend, ",".join(COLUMNS)]
    )
