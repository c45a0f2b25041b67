"""``moltrack flags``: what stands out in a patient's results and is no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from moltrack.cli.common import FORMAT_OPTION, PATIENT_ARGUMENT, open_store, show
from moltrack.cli.verdicts import AT_OPTION

if TYPE_CHECKING:
    from moltrack.model import Flag

COLUMNS = ("flag", "severity", "answer", "sample", "marker", "text", "missing", "overridden", "citation")

_SEVERITIES = ("alert", "warning", "info")


@click.command()
@PATIENT_ARGUMENT
@AT_OPTION
@click.option(
    "--rules", "rule_file", default="flags", show_default=True, metavar="flags|FILE", help="Your own rule file instead."
)
@click.option("--explain", is_flag=True, help="Print the results behind each flag with file and line, and its source.")
@FORMAT_OPTION
@click.pass_context
def command(ctx: click.Context, patient: str, at: str, rule_file: str, explain: bool, form: str) -> None:
    """Say what stands out in the results of PATIENT, the gravest first.

    Each flag is a rule ('moltrack rules show flags'). One that cannot be decided is open, and says what is missing. For research and for review by a physician.

    \b
    moltrack flags P01
    moltrack flags P01 --at d17 --explain
    moltrack flags P01 --rules our_thresholds.yaml --format csv
    """
    from moltrack.timeline import timeline

    found = _gravest_first(timeline(open_store(ctx), patient).flagged(rule_file, at=at))
    if form != "text":
        show([_row(flag) for flag in found], COLUMNS, form, empty="")
    elif not found:
        click.echo(f"Nothing stands out in {f'sample {at}' if at else f'patient {patient}'}.")
    else:
        click.echo("\n".join(line for flag in found for line in _lines(flag, explain)))


def _gravest_first(flags: Sequence[Flag]) -> list[Flag]:
    return sorted(flags, key=lambda flag: (flag.answer != "YES", _SEVERITIES.index(flag.severity)))


def _row(flag: Flag) -> dict[str, str]:
    row = {name: str(getattr(flag, "id" if name == "flag" else name)) for name in COLUMNS}
    return row | {"missing": "; ".join(flag.missing), "overridden": "; ".join(flag.overridden)}


def _lines(flag: Flag, explain: bool) -> Iterator[str]:
    yield f"{flag.severity if flag.answer == 'YES' else 'open'}: {flag.text}"
    if not explain:
        return
    for one in flag.evidence:
        where = f", sample {one.sample}" if one.sample else ""
        yield f"  - {one.text}{where}{f' <{one.origin}>' if one.origin else ''}"
    if flag.missing:
        yield f"  missing: {'; '.join(flag.missing)}"
    yield f"  {flag.citation} [{flag.id}]"
