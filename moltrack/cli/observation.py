"""``moltrack observation``: list observations; void one."""

from __future__ import annotations

import click

from moltrack.cli.common import FORMAT_OPTION, PATIENT_ARGUMENT, REASON_OPTION, open_store, show, user_name

COLUMNS = ["observation", "label", "quantity", "status", "printed", "limits", "flags", "source"]


@click.group()
def command() -> None:
    """List observations with their sources; void an artefact, with a reason.

    \b
    moltrack observation list P01
    moltrack observation void P01 S2/fish/minus17_abn17p --reason "wrong slide"
    """


@command.command("list")
@PATIENT_ARGUMENT
@click.option("--marker", default="", help="Only of this marker.")
@click.option("--sample", default="", help="Only of this sample.")
@click.option("--all", "everything", is_flag=True, help="Also of markers that are kept but not followed.")
@FORMAT_OPTION
@click.pass_context
def list_(ctx: click.Context, patient: str, marker: str, sample: str, everything: bool, form: str) -> None:
    """Observations of PATIENT; the first column is what 'void' takes.

    \b
    moltrack observation list P01 --sample D17
    """
    from moltrack.errors import UnknownError
    from moltrack.timeline import timeline

    line = timeline(open_store(ctx), patient)
    wanted = line.marker(marker).id if marker else ""
    samples = [placed.info.sample for placed in line.axis.samples]
    if sample and sample not in samples:
        raise UnknownError(f"patient {patient} has no sample '{sample}' ({', '.join(samples)}).")
    rows = []
    for item in line.records.observations:
        found = line.markers[item.marker]
        if (
            (wanted and item.marker != wanted)
            or (sample and item.sample != sample)
            or not (found.tracked or everything)
        ):
            continue
        rows.append(
            {
                "observation": f"{item.sample}/{item.assay}/{item.marker}",
                "label": found.label,
                "quantity": item.quantity,
                "status": str(item.status),
                "printed": item.printed,
                "limits": "; ".join(f"{limit.kind} {limit.value:g} ({limit.source})" for limit in item.limits),
                "flags": ";".join(item.flags),
                "source": ", ".join(str(origin) for origin in item.origins),
            }
        )
    show(rows, COLUMNS, form, empty=f"Patient {patient} has no such observations.")


@command.command("void")
@PATIENT_ARGUMENT
@click.argument("observation")
@REASON_OPTION
@click.pass_context
def void(ctx: click.Context, patient: str, observation: str, reason: str) -> None:
    """Set OBSERVATION (SAMPLE/ASSAY/MARKER) aside as an artefact; it stays listed as not evaluable, with the reason.

    \b
    moltrack observation void P01 S2/fish/minus17_abn17p --reason "wrong slide"
    """
    from moltrack.errors import UnknownError
    from moltrack.model import Override, OverrideAction
    from moltrack.normalize import normalize

    store = open_store(ctx)
    known = {f"{item.sample}/{item.assay}/{item.marker}" for item in store.patient_records(patient).observations}
    if observation not in known:
        raise UnknownError(
            f"'{observation}' is not an observation of patient {patient}.", advice="See 'moltrack observation list'."
        )
    store.add_override(Override(OverrideAction.VOID, patient, observation, "", reason, user_name()), normalize)
    click.echo(f"{observation} is void.")
