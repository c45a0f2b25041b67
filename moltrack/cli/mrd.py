"""``moltrack mrd``: the MRD status of every target and method at every sample of a patient."""

from __future__ import annotations

import click

from moltrack.cli.common import PATIENT_ARGUMENT, open_store
from moltrack.cli.verdicts import AT_OPTION, EXPLAIN_OPTION, FORM_OPTION, WINDOW_OPTION, show_verdicts


@click.command()
@PATIENT_ARGUMENT
@AT_OPTION
@click.option(
    "--rules",
    "rules_name",
    default="eln2021",
    show_default=True,
    metavar="eln2021|david2025dev|FILE",
    help="Guideline, or your own rule file. david2025dev rests on a development version of its tables.",
)
@WINDOW_OPTION
@EXPLAIN_OPTION
@FORM_OPTION
@click.pass_context
def command(
    ctx: click.Context, patient: str, at: str, rules_name: str, window_days: int, explain: bool, form: str
) -> None:
    """Say the MRD status of PATIENT, by target and method, with the limit of each assay.

    A status presupposes remission (CR, CRh, CRi), recorded or computed; without it the level alone is said. Methods are listed, never averaged.

    \b
    moltrack mrd P01
    moltrack mrd P01 --at d28 --explain
    moltrack mrd P01 --rules david2025dev --format json
    """
    from moltrack.timeline import timeline

    line = timeline(open_store(ctx), patient, window_days=window_days)
    where = f"sample {at}" if at else f"patient {patient}"
    show_verdicts(
        line.mrd_status(rules_name, at=at),
        explain=explain,
        form=form,
        empty=f"No MRD status is judged: {where} has no result of an MRD method after the first treatment.",
    )
