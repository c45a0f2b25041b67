"""``moltrack marker``: list markers and decide about them."""

from __future__ import annotations

import click

from moltrack.cli.common import FORMAT_OPTION, PATIENT_ARGUMENT, REASON_OPTION, open_store, show, user_name

COLUMNS = ["marker", "label", "kind", "tracked", "classification", "lesions", "observations", "why", "joined", "flags"]
CLASSES = ["pathogenic", "likely_pathogenic", "uncertain", "likely_benign", "benign"]


@click.group()
def command() -> None:
    """List markers; track, classify, join or split them, each with a reason.

    \b
    moltrack marker list P01
    moltrack marker classify P01 "ASXL1 c.1934dup" pathogenic --reason "truncating, last exon"
    """


@command.command("list")
@PATIENT_ARGUMENT
@click.option("--all", "everything", is_flag=True, help="Also what is kept but not followed, and why.")
@FORMAT_OPTION
@click.pass_context
def list_(ctx: click.Context, patient: str, everything: bool, form: str) -> None:
    """Markers of PATIENT with the reason that each is followed.

    \b
    moltrack marker list P01 --all
    """
    records = open_store(ctx).patient_records(patient)
    seen: dict[str, int] = {}
    for item in records.observations:
        seen[item.marker] = seen.get(item.marker, 0) + 1
    rows = [
        {
            "marker": marker.id,
            "label": marker.label,
            "kind": str(marker.kind),
            "tracked": "yes" if marker.tracked else "no",
            "classification": marker.classification,
            "lesions": ";".join(marker.lesions),
            "observations": seen.get(marker.id, 0),
            "why": marker.why,
            "joined": "; ".join(marker.joined),
            "flags": ";".join(marker.flags),
        }
        for marker in records.markers
        if marker.tracked or everything
    ]
    show(rows, COLUMNS, form, empty=f"Patient {patient} has no markers.")
    if form == "text":
        for number, override in enumerate(records.overrides, start=1):
            state = " (revoked)" if override.revoked else ""
            click.echo(
                f"override {number}: {override.action} {override.target} {override.value} by {override.by}: {override.reason}{state}"
            )


#: A decision -> the earlier ones of the same marker that it takes the place of.
_REPLACED = {
    "classify": ("classify",),
    "track": ("track", "untrack"),
    "untrack": ("track", "untrack"),
    "join": ("join",),
}


def _decide(ctx: click.Context, patient: str, action: str, target: str, value: str, reason: str) -> None:
    from moltrack.model import Override, OverrideAction
    from moltrack.normalize import normalize
    from moltrack.timeline import timeline

    store = open_store(ctx)
    marker = timeline(store, patient).marker(target)
    if action == "join":
        value = timeline(store, patient).marker(value).id
    decision = Override(OverrideAction(action), patient, marker.id, value, reason, user_name())
    for known in store.overrides(patient):
        if not known.revoked and known.target == marker.id and known.action in _REPLACED.get(action, ()):
            store.revoke_override(known, "replaced by a later decision", user_name(), normalize)
    store.add_override(decision, normalize)
    click.echo(f"{marker.label}: {action}{' ' + value if value else ''}.")


@command.command("track")
@PATIENT_ARGUMENT
@click.argument("marker")
@click.option("--not", "negate", is_flag=True, help="Stop following it; it stays in the database.")
@REASON_OPTION
@click.pass_context
def track(ctx: click.Context, patient: str, marker: str, negate: bool, reason: str) -> None:
    """Follow MARKER, whatever its class.

    \b
    moltrack marker track P01 "TET2 c.100C>T" --reason "only marker of the clone"
    """
    _decide(ctx, patient, "untrack" if negate else "track", marker, "", reason)


@command.command("classify")
@PATIENT_ARGUMENT
@click.argument("marker")
@click.argument("classification", type=click.Choice(CLASSES))
@REASON_OPTION
@click.pass_context
def classify(ctx: click.Context, patient: str, marker: str, classification: str, reason: str) -> None:
    """Give MARKER a class; it wins over the file's.

    \b
    moltrack marker classify P01 "TP53 c.743G>A" pathogenic --reason "ClinVar 12356"
    """
    _decide(ctx, patient, "classify", marker, classification, reason)


@command.command("join")
@PATIENT_ARGUMENT
@click.argument("marker")
@click.argument("other")
@REASON_OPTION
@click.pass_context
def join(ctx: click.Context, patient: str, marker: str, other: str, reason: str) -> None:
    """Make MARKER part of OTHER: the same thing, spelled differently.

    \b
    moltrack marker join P01 "FLT3-ITD 24 bp" "FLT3-ITD 21 bp" --reason "same clone, other site rule"
    """
    _decide(ctx, patient, "join", marker, other, reason)


@command.command("split")
@PATIENT_ARGUMENT
@click.argument("marker")
@click.argument("assay")
@REASON_OPTION
@click.pass_context
def split(ctx: click.Context, patient: str, marker: str, assay: str, reason: str) -> None:
    """Take the calls of ASSAY out of MARKER into a marker of their own.

    \b
    moltrack marker split P01 FLT3-ITD getitd --reason "other clone"
    """
    _decide(ctx, patient, "split", marker, assay, reason)


@command.command("revoke")
@PATIENT_ARGUMENT
@click.argument("number", type=int)
@REASON_OPTION
@click.pass_context
def revoke(ctx: click.Context, patient: str, number: int, reason: str) -> None:
    """Take back the override of that NUMBER in 'moltrack marker list'.

    \b
    moltrack marker revoke P01 1 --reason "entered by mistake"
    """
    from moltrack.errors import UnknownError
    from moltrack.normalize import normalize

    store = open_store(ctx)
    overrides = store.overrides(patient)
    if not 1 <= number <= len(overrides):
        raise UnknownError(f"patient {patient} has {len(overrides)} overrides, no number {number}.")
    store.revoke_override(overrides[number - 1], reason, user_name(), normalize)
    click.echo(f"Override {number} is revoked.")
