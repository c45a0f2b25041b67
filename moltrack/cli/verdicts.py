"""What the commands that judge a patient share: their options, and verdicts as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import click

from moltrack.cli.common import PATIENT_ARGUMENT, open_store

if TYPE_CHECKING:
    from moltrack.model import Verdict

AT_OPTION = click.option(
    "--at", default="", metavar="SAMPLE", help="Judge this sample; default: all that can be judged."
)
EXPLAIN_OPTION = click.option(
    "--explain", is_flag=True, help="Print every predicate with its observation, file and line."
)
FORM_OPTION = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)
RULES_OPTION = click.option(
    "--rules",
    "rule_files",
    multiple=True,
    metavar="FILE",
    help="Your own rule file about risk, response, MRD or flags, in the place of the one that it extends; repeatable.",
)


def judging_options(default: str, *, metavar: str, help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What a command takes that judges the samples of a patient by one guideline: the arguments of :func:`judge`."""
    options = (
        PATIENT_ARGUMENT,
        AT_OPTION,
        click.option("--rules", "rules_name", default=default, show_default=True, metavar=metavar, help=help),
        click.option(
            "--window",
            "window_days",
            type=click.IntRange(min=0),
            default=7,
            show_default=True,
            metavar="DAYS",
            help="Values of samples within so many days of a marrow count as one assessment with it.",
        ),
        EXPLAIN_OPTION,
        FORM_OPTION,
    )
    return lambda command: reduce(lambda made, option: option(made), reversed(options), command)


def judge(
    ctx: click.Context,
    patient: str,
    verdicts_of: Callable[..., Sequence[Verdict]],
    *,
    at: str,
    rules_name: str,
    window_days: int,
    explain: bool,
    form: str,
    nothing: str,
) -> None:
    """Show the verdicts of a method of :class:`Timeline`; ``nothing`` is said where there is none, with ``{where}``."""
    from moltrack.timeline import timeline

    line = timeline(open_store(ctx), patient, window_days=window_days)
    where = f"sample {at}" if at else f"patient {patient}"
    verdicts = verdicts_of(line, rules_name, at=at)
    show_verdicts(verdicts, explain=explain, form=form, empty=nothing.format(where=where))


def show_verdicts(verdicts: Sequence[Verdict], *, explain: bool, form: str, empty: str = "") -> None:
    """Verdicts one after another, with every reason when ``explain``; ``empty`` is said where there is none."""
    from moltrack import rules

    if form == "json":
        click.echo(json.dumps([rules.verdict_json(verdict) for verdict in verdicts], ensure_ascii=False, indent=2))
    elif not verdicts:
        click.echo(empty)
    else:
        click.echo("\n\n".join(rules.explain(verdict) if explain else rules.summary(verdict) for verdict in verdicts))
