"""``moltrack export``: patients in other tools' forms."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moltrack.cli.common import INPUT_PATH, counted, open_store
from moltrack.errors import InputError, UnknownError
from moltrack.timeline import file_name, private_folder, write_private

if TYPE_CHECKING:
    from moltrack.model import Marker

FORMS = ["csv", "tsv", "xlsx", "parquet", "json", "cbioportal", "fhir", "phenopacket"]


@click.command()
@click.argument("patients", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="All patients of the database.")
@click.option("--to", "form", type=click.Choice(FORMS), required=True, help="Form of the export.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="File; a folder for cbioportal, fhir and phenopacket.",
)
@click.option("--study", default="moltrack_study", show_default=True, help="Identifier of the cBioPortal study.")
@click.option("--hidden", is_flag=True, help="Also what is kept but not followed as a marker.")
@click.option(
    "--pseudonymize",
    "key_file",
    type=INPUT_PATH,
    default=None,
    metavar="KEYFILE",
    help="Keyed identifiers, shifted dates, no free text.",
)
@click.pass_context
def command(
    ctx: click.Context,
    patients: tuple[str, ...],
    everyone: bool,
    form: str,
    output: Path,
    study: str,
    hidden: bool,
    key_file: Path | None,
) -> None:
    """Write PATIENTS (or --all) in another form.

    Pseudonyms are the same for the same key; who holds key and database can find the patient again.

    \b
    moltrack export P01 --to xlsx -o P01.xlsx
    moltrack export --all --to cbioportal -o study --pseudonymize key.txt
    """
    from moltrack.export.pseudonym import pseudonymize, read_key
    from moltrack.timeline import Timeline

    if bool(patients) == everyone:
        raise click.UsageError("Give patients, or --all.")
    store = open_store(ctx)
    names = [info.patient for info in store.patients()] if everyone else list(patients)
    if not names:
        raise UnknownError("the database holds no patient.")
    key = read_key(key_file) if key_file else None
    lines = []
    for name in names:
        records = store.patient_records(name)
        lines.append(Timeline(pseudonymize(records, key) if key else records, audit_head=store.head()))
    _write(lines, form, output, study, hidden)
    click.echo(f"Wrote {output}.", err=True)


def _write(lines: list[Any], form: str, output: Path, study: str, hidden: bool) -> None:
    import io

    from moltrack.export.cells import write_rows
    from moltrack.timeline import TABLE_COLUMNS

    columns = list(TABLE_COLUMNS)
    rows = [row for line in lines for row in line.rows(hidden=hidden)]
    if form in {"csv", "tsv"}:
        buffer = io.StringIO()
        write_rows(buffer, rows, columns, delimiter="," if form == "csv" else "\t")
        write_private(output, buffer.getvalue())
    elif form == "json":
        import json

        write_private(output, json.dumps(rows, ensure_ascii=False, indent=2))
    elif form == "xlsx":
        from moltrack.export.excel import write_workbook

        if len(lines) > 1:
            raise InputError(
                "a workbook holds one patient.", advice="Export patients one by one, or use csv or parquet."
            )
        write_workbook(lines[0].view, rows, columns, output)
    elif form == "parquet":
        import pandas as pd

        from moltrack.cli.written import write_parquet

        write_parquet(pd.concat([line.table(hidden=hidden) for line in lines], ignore_index=True), output)
    elif form == "cbioportal":
        from moltrack.export.cbioportal import write_study

        private_folder(output)
        write_study([line.view for line in lines], output, study=study, name=study)
        if unplaced := sum(_has_no_position(marker) for line in lines for marker in line.records.markers):
            click.echo(
                f"Left out: {counted(unplaced, 'small variant')} without chromosome and position (a mutation of cBioPortal has them).",
                err=True,
            )
    else:
        _write_documents(lines, form, output)


def _has_no_position(marker: Marker) -> bool:
    """A followed variant that was typed by its HGVS name."""
    from moltrack.model import SmallVariant

    return marker.tracked and isinstance(marker.finding, SmallVariant) and marker.finding.pos is None


def _write_documents(lines: list[Any], form: str, folder: Path) -> None:
    from moltrack.export.fhir import bundle
    from moltrack.export.phenopacket import phenopacket

    private_folder(folder)
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for line in lines:
        text = bundle(line.view) if form == "fhir" else phenopacket(line.view, created=created)
        write_private(folder / f"{file_name(line.records.patient.patient)}.{form}.json", text)
