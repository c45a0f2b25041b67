"""``moltrack mrd``: the MRD status of every target and method at every sample of a patient."""

from __future__ import annotations

from typing import Any

import click

from moltrack.cli.verdicts import judge, judging_options


@click.command()
@judging_options(
    "eln2021",
    metavar="eln2021|david2025dev|FILE",
    help="Guideline, or your own rule file. david2025dev rests on a development version of its tables.",
)
@click.pass_context
def command(ctx: click.Context, /, patient: str, **options: Any) -> None:
    """Say the MRD status of PATIENT, by target and method, with the limit of each assay.

    A status presupposes remission (CR, CRh, CRi), recorded or computed; without it the level alone is said. Methods are listed, never averaged.

    \b
    moltrack mrd P01
    moltrack mrd P01 --at d28 --explain
    moltrack mrd P01 --rules david2025dev --format json
    """
    from moltrack.timeline import Timeline

    nothing = "No MRD status is judged: {where} has no result of an MRD method after the first treatment."
    judge(ctx, patient, Timeline.mrd_status, nothing=nothing, **options)
