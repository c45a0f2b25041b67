"""``moltrack marker``: list markers and decide about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from moltrack.cli.common import FORMAT_OPTION, PATIENT_ARGUMENT, REASON_OPTION, counted, open_store, show, user_name

if TYPE_CHECKING:
    from moltrack.model import Marker, Override, PatientRecords

COLUMNS = ["marker", "label", "kind", "tracked", "classification", "lesions", "observations", "why", "joined", "flags"]
CLASSES = ["pathogenic", "likely_pathogenic", "uncertain", "likely_benign", "benign"]


@click.group()
def command() -> None:
    """List markers; track, classify, join, split or rename them, each with a reason.

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
            click.echo(f"override {number}: {_said(override)} by {override.by}: {override.reason}")


def _said(override: Override) -> str:
    """The decision itself: the reason of a revoked one says that it is."""
    return f"{override.action} {override.target}{' ' + override.value if override.value else ''}"


#: A decision -> the earlier ones of the same marker that it takes the place of.
_REPLACED = {
    "classify": ("classify",),
    "track": ("track", "untrack"),
    "untrack": ("track", "untrack"),
    "join": ("join",),
    "alias": ("alias",),
}


def _decide(ctx: click.Context, patient: str, action: str, target: str, value: str, reason: str) -> None:
    from moltrack.errors import InputError, UnknownError
    from moltrack.model import Override, OverrideAction
    from moltrack.normalize import normalize
    from moltrack.timeline import timeline

    store = open_store(ctx)
    marker = timeline(store, patient).marker(target)
    if action == "join":
        value = timeline(store, patient).marker(value).id
        if value == marker.id:
            raise InputError(f"'{marker.label}' cannot be joined with itself.", advice="Name two markers.")
    elif action == "split":
        assays = sorted(
            {item.assay for item in store.patient_records(patient).observations if item.marker == marker.id}
        )
        if value not in assays:
            raise UnknownError(f"no call of '{marker.label}' is of assay '{value}' ({', '.join(assays)}).")
    elif action == "alias":
        value = _free_name(store.patient_records(patient), marker, value)
    decision = Override(OverrideAction(action), patient, marker.id, value, reason, user_name())
    for known in store.overrides(patient):
        if not known.revoked and known.target == marker.id and known.action in _REPLACED.get(action, ()):
            store.revoke_override(known, "replaced by a later decision", user_name(), normalize)
    store.add_override(decision, normalize)
    click.echo(f"{marker.label}: {action}{' ' + value if value else ''}.")


def _free_name(records: PatientRecords, marker: Marker, name: str) -> str:
    """The name, when it can be that of the marker and of nothing else.

    Raises
    ------
    InputError
        It is empty or of several lines, or what is reported as a conclusion would get it: rules read that by its topic.
    ConflictError
        It names another marker of the patient, a gene or a lesion.
    """
    from moltrack import resources
    from moltrack.errors import ConflictError, InputError
    from moltrack.model import MarkerKind

    chosen = name.strip()
    if not chosen or not chosen.isprintable():
        raise InputError(f"'{' '.join(name.split())}' is not a name.", advice="Give one line of text.")
    if marker.kind is MarkerKind.REPORTED:
        raise InputError(f"'{marker.label}' keeps its name: rules read a reported conclusion by its topic.")
    wanted = chosen.lower()
    for other in records.markers:
        if other.id != marker.id and wanted in {other.id.lower(), other.label.lower()}:
            raise ConflictError(
                f"'{chosen}' is already the name of a marker of patient {records.patient.patient} ({other.id}).",
                advice="Choose another name; 'moltrack marker join' makes two markers one.",
            )
    lesions = {lesion.lower() for lesion in resources.lesions()}
    if wanted in lesions or resources.gene_symbol(chosen):
        raise ConflictError(
            f"'{chosen}' is the name of a {'lesion' if wanted in lesions else 'gene'}.", advice="Choose another name."
        )
    return chosen


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


@command.command("alias")
@PATIENT_ARGUMENT
@click.argument("marker")
@click.argument("name")
@REASON_OPTION
@click.pass_context
def alias(ctx: click.Context, patient: str, marker: str, name: str, reason: str) -> None:
    """Show MARKER under another NAME, by which commands know it too; its id stays.

    \b
    moltrack marker alias P01 "SKAP2::RUNX1" "CAR target fusion" --reason "name in the protocol"
    """
    _decide(ctx, patient, "alias", marker, name, reason)


@command.command("revoke")
@PATIENT_ARGUMENT
@click.argument("number", type=int)
@REASON_OPTION
@click.pass_context
def revoke(ctx: click.Context, patient: str, number: int, reason: str) -> None:
    """Take back the override of that NUMBER in 'moltrack marker list'.

    It goes to the end of that list, and those that stood after it get other numbers.

    \b
    moltrack marker revoke P01 1 --reason "entered by mistake"
    """
    from moltrack.errors import UnknownError
    from moltrack.normalize import normalize

    store = open_store(ctx)
    overrides = store.overrides(patient)
    if not 1 <= number <= len(overrides):
        raise UnknownError(f"patient {patient} has {counted(len(overrides), 'override')}, no number {number}.")
    store.revoke_override(overrides[number - 1], reason, user_name(), normalize)
    click.echo(
        f"Override {number} ({_said(overrides[number - 1])}) is revoked. Those after it have other numbers now: see 'moltrack marker list'."
    )
