"""``moltrack sample``: list and set samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from moltrack.cli.common import (
    FORMAT_OPTION,
    PATIENT_ARGUMENT,
    open_store,
    refuse_lone_anchor,
    say_unknown_anchor,
    show,
)

if TYPE_CHECKING:
    from moltrack.model import Time

COLUMNS = ["order", "sample", "time", "day", "tissue", "phase", "label", "aliases", "note"]


@click.group()
def command() -> None:
    """List samples, or say when and what they were.

    \b
    moltrack sample list P01
    moltrack sample set P01 S2 --day 17 --tissue BM --phase follow_up
    """


@command.command("list")
@PATIENT_ARGUMENT
@FORMAT_OPTION
@click.pass_context
def list_(ctx: click.Context, patient: str, form: str) -> None:
    """Samples of PATIENT in their order.

    \b
    moltrack sample list P01
    """
    from moltrack.timeline import timeline

    line = timeline(open_store(ctx), patient)
    rows = [
        {
            "order": placed.order,
            "sample": placed.info.sample,
            "time": str(placed.info.time),
            "day": placed.day,
            "tissue": str(placed.info.tissue),
            "phase": str(placed.info.phase or ""),
            "label": placed.info.label,
            "aliases": ";".join(placed.info.aliases),
            "note": placed.info.note,
        }
        for placed in line.axis.samples
    ]
    show(rows, COLUMNS, form, empty=f"Patient {patient} has no samples.")


@command.command("set")
@PATIENT_ARGUMENT
@click.argument("sample")
@click.option("--date", default="", metavar="2021-05-12|2021-05")
@click.option("--day", default="", metavar="N")
@click.option("--from", "anchor", default="", metavar="EVENT")
@click.option("--order", type=click.IntRange(min=1), default=None)
@click.option("--tissue", default="", metavar="BM|PB|other")
@click.option("--phase", default="")
@click.option("--label", default="")
@click.option("--alias", "aliases", multiple=True, help="Another laboratory's accession number; repeatable.")
@click.pass_context
def set_(ctx: click.Context, /, patient: str, sample: str, aliases: tuple[str, ...], **given: Any) -> None:
    """Add SAMPLE of PATIENT, or correct what is stated of it.

    \b
    moltrack sample set P01 S2 --date 2021-06-30 --tissue BM
    """
    from dataclasses import replace

    from moltrack.errors import ConflictError
    from moltrack.intake import make_target, refuse_future
    from moltrack.model import SampleInfo, Tissue
    from moltrack.normalize import normalize

    target = make_target(patient=patient, sample=sample, **given)
    refuse_lone_anchor(given["anchor"], given["day"])
    store = open_store(ctx, create=True)
    others = {info.sample for info in store.samples(target.patient)} - {target.sample}
    if taken := others.intersection(aliases):
        raise ConflictError(
            f"'{min(taken)}' is a sample of patient {target.patient} itself.", advice="Give another --alias."
        )
    is_new = target.patient not in {info.patient for info in store.patients()}
    known = next(
        (info for info in store.samples(target.patient) if info.sample == target.sample),
        SampleInfo(target.patient, target.sample),
    )
    changed = replace(
        known,
        time=_changed_time(known.time, target.time),
        tissue=target.tissue if target.tissue is not Tissue.UNKNOWN else known.tissue,
        phase=target.phase or known.phase,
        label=target.label or known.label,
        aliases=tuple(dict.fromkeys((*known.aliases, *aliases))),
    )
    refuse_future([changed], [])
    store.set_sample(changed, normalize)
    new = " The patient was not in the database before." if is_new else ""
    click.echo(f"Sample {changed.sample} of patient {changed.patient} is set.{new}")
    say_unknown_anchor(store, changed.patient, changed.time)


def _changed_time(known: Time, given: Time) -> Time:
    """The time as given; what is not said of it (a date, or the place in the sequence) stays."""
    from dataclasses import replace

    from moltrack.model import TimeScale

    if given.scale is TimeScale.ORDER:
        return known if given.order is None else replace(known, order=given.order)
    return replace(given, order=known.order) if given.order is None else given
