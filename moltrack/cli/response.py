"""``moltrack response``: the response to treatment at every marrow of a patient."""

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
    default="eln2022",
    show_default=True,
    metavar="eln2022|eln2017|FILE",
    help="Guideline, or your own rule file.",
)
@WINDOW_OPTION
@EXPLAIN_OPTION
@FORM_OPTION
@click.pass_context
def command(
    ctx: click.Context, patient: str, at: str, rules_name: str, window_days: int, explain: bool, form: str
) -> None:
    """Say the response of PATIENT to treatment, computed beside what was recorded.

    One verdict for each sample with marrow blasts after the first treatment, from blasts, neutrophils, platelets, marrow quality and
    extramedullary disease. A category is given only if it holds whatever the missing values are.

    \b
    moltrack response P01
    moltrack response P01 --at d28 --explain
    moltrack response P01 --window 14 --rules eln2017
    """
    from moltrack.timeline import timeline

    line = timeline(open_store(ctx), patient, window_days=window_days)
    where = f"sample {at}" if at else f"no sample of patient {patient}"
    show_verdicts(
        line.response(rules_name, at=at),
        explain=explain,
        form=form,
        empty=f"No response is judged: {where} has {'no ' if at else ''}marrow blasts after the first treatment.",
    )
