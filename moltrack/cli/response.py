"""``moltrack response``: the response to treatment at every marrow of a patient."""

from __future__ import annotations

from typing import Any

import click

from moltrack.cli.verdicts import judge, judging_options


@click.command()
@judging_options("eln2022", metavar="eln2022|eln2017|FILE", help="Guideline, or your own rule file.")
@click.pass_context
def command(ctx: click.Context, /, patient: str, **options: Any) -> None:
    """Say the response of PATIENT to treatment, computed beside what was recorded.

    One verdict for each sample with marrow blasts after the first treatment, from blasts, neutrophils, platelets, marrow quality and
    extramedullary disease. A category is given only if it holds whatever the missing values are.

    \b
    moltrack response P01
    moltrack response P01 --at d28 --explain
    moltrack response P01 --window 14 --rules eln2017
    """
    from moltrack.timeline import Timeline

    nothing = "No response is judged: {where} has no marrow blasts after the first treatment."
    judge(ctx, patient, Timeline.response, nothing=nothing, **options)
