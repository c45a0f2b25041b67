"""``moltrack doctor``: what each file of a folder is, before anything is ingested."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from moltrack.cli.common import FORMAT_OPTION, INPUT_PATH, show
from moltrack.timeline import write_private

COLUMNS = ["file", "format", "tool", "build", "samples", "tumour column", "rows", "kept", "not used", "says"]


@click.command()
@click.argument("folder", type=INPUT_PATH)
@click.option("--build", default="", metavar="GRCh37|GRCh38", help="Genome build, where files do not say.")
@click.option("--genes", default="myeloid", show_default=True, metavar="myeloid|all|FILE")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=None,
    help="Write a manifest of the files that can be read, to correct and ingest.",
)
@FORMAT_OPTION
def command(folder: Path, build: str, genes: str, output: Path | None, form: str) -> None:
    """Say what each file of FOLDER is: format, build, which column is the tumour and why, empty or not, what is not used.

    Nothing is written to a database.

    \b
    moltrack doctor results/ -o results/manifest.csv
    """
    from moltrack.errors import InputError
    from moltrack.formats import ReadOptions
    from moltrack.formats.variants.selection import Selection

    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder.")
    options = ReadOptions(build=build, genes=genes)
    Selection.of(genes)  # a word that is neither a set nor a file would else be said of every file
    rows = [
        _examine(path, folder, options)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "~$"))  # hidden files, locks of an open workbook
    ]
    show(rows, COLUMNS, form, empty=f"{folder} holds no files.")
    if output is not None:
        import csv
        import io

        from moltrack.formats.registry import format_named

        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(
            ["path", "patient", "sample", "date", "tissue", "phase", "input_format", "build", "tumor_sample"]
        )
        base = output.resolve().parent
        for row in rows:
            if row["format"] and not format_named(row["format"]).refuses:
                path = (folder / row["file"]).resolve()
                shown = path.relative_to(base) if path.is_relative_to(base) else path
                writer.writerow(
                    [
                        shown,
                        "",
                        row["tumour column"] or (row["samples"] if ";" not in row["samples"] else ""),
                        "",
                        "",
                        "",
                        row["format"],
                        row["build"],
                        row["tumour column"],
                    ]
                )
        write_private(output, buffer.getvalue())
        click.echo(f"Wrote {output}: fill in patient, sample and dates.", err=True)


def _examine(path: Path, folder: Path, options: Any) -> dict[str, Any]:
    from moltrack.errors import MoltrackError
    from moltrack.formats import detect, read

    row: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {"file": str(path.relative_to(folder))}
    try:
        row["format"] = detect(path).name
        reading = read(path, options)
    except MoltrackError as error:
        row["says"] = str(error)
        return row
    info = reading.info
    said = [info.tumor_evidence, info.build_evidence, *info.notes]
    if info.header_only:
        said.insert(0, f"no rows (means: {reading.format.empty})")
    row.update(
        {
            "tool": f"{info.tool} {info.tool_version}".strip(),
            "build": info.build,
            "samples": ";".join(info.samples),
            "tumour column": info.tumor_sample,
            "rows": info.rows if info.rows is not None else len(reading.records),
            "kept": info.kept if info.kept is not None else len(reading.records),
            "not used": len(reading.refused) or "",
            "says": "; ".join(part for part in said if part),
        }
    )
    return row
