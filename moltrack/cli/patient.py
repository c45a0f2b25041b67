"""``moltrack patient``: list, show, set and delete patients."""

from __future__ import annotations

import click

from moltrack.cli.common import FORMAT_OPTION, PATIENT_ARGUMENT, open_store, show

COLUMNS = [
    "patient",
    "sex",
    "age",
    "diagnosis",
    "prior_disease",
    "prior_therapy",
    "hma_pretreated",
    "constitutional",
    "donor",
    "samples",
]


@click.group()
def command() -> None:
    """List, show, set or delete patients.

    \b
    moltrack patient list
    moltrack patient set P01 --sex female --age 17
    """


@command.command("list")
@FORMAT_OPTION
@click.pass_context
def list_(ctx: click.Context, form: str) -> None:
    """All patients with the number of their samples.

    \b
    moltrack patient list
    """
    from dataclasses import asdict

    store = open_store(ctx)
    rows = [asdict(info) | {"samples": len(store.samples(info.patient))} for info in store.patients()]
    show(rows, COLUMNS, form, empty="No patients.")


@command.command("set")
@PATIENT_ARGUMENT
@click.option("--sex", type=click.Choice(["female", "male", "other", ""]), default=None)
@click.option("--age", type=click.FloatRange(0, 130), default=None, help="Completed years at diagnosis.")
@click.option("--diagnosis", default=None)
@click.option("--prior-disease", default=None)
@click.option("--prior-therapy", default=None)
@click.option(
    "--hma-pretreated",
    type=click.Choice(["yes", "no", "unknown"]),
    default=None,
    help="Hypomethylating agent before: ELN 2024 does not apply then.",
)
@click.option("--constitutional", default=None, help="Constitutional findings.")
@click.option("--donor", default=None, help="When transplanted: which donor.")
@click.option("--note", default=None)
@click.pass_context
def set_(ctx: click.Context, /, patient: str, **given: object) -> None:
    """Add PATIENT, or change what is stated of it.

    \b
    moltrack patient set P01 --sex female --age 17 --hma-pretreated no
    """
    from dataclasses import replace

    from moltrack.errors import UnknownError
    from moltrack.model import PatientInfo
    from moltrack.model.identifiers import clean
    from moltrack.normalize import normalize

    store = open_store(ctx, create=True)
    name = clean(patient, "patient")
    try:
        known = store.patient(name)
    except UnknownError:
        known = PatientInfo(name)
    changes = {field: value for field, value in given.items() if value is not None}
    if "hma_pretreated" in changes:
        changes["hma_pretreated"] = {"yes": True, "no": False, "unknown": None}[str(changes["hma_pretreated"])]
    store.set_patient(replace(known, **changes), normalize)  # type: ignore[arg-type]
    click.echo(f"Patient {name} is set.")


@command.command("delete")
@PATIENT_ARGUMENT
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def delete(ctx: click.Context, patient: str, yes: bool) -> None:
    """Delete PATIENT with everything of it; the audit keeps a keyed digest that tells nothing but that it happened.

    \b
    moltrack patient delete P01
    """
    store = open_store(ctx)
    store.patient(patient)
    if not yes:
        click.confirm(f"Delete patient {patient} with all samples, calls and overrides?", abort=True)
    store.delete_patient(patient)
    click.echo(f"Patient {patient} is deleted.")
