"""What the commands that judge a patient share: their options, and verdicts as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

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
WINDOW_OPTION = click.option(
    "--window",
    "window_days",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    metavar="DAYS",
    help="Values of samples within so many days of a marrow count as one assessment with it.",
)
RULES_OPTION = click.option(
    "--rules",
    "rule_files",
    multiple=True,
    metavar="FILE",
    help="Your own rule file about risk, response, MRD or flags, in the place of the one that it extends; repeatable.",
)


def show_verdicts(verdicts: Sequence[Verdict], *, explain: bool, form: str, empty: str = "") -> None:
    """Verdicts one after another, with every reason when ``explain``; ``empty`` is said where there is none."""
    from moltrack import rules

    if form == "json":
        click.echo(json.dumps([rules.verdict_json(verdict) for verdict in verdicts], ensure_ascii=False, indent=2))
    elif not verdicts:
        click.echo(empty)
    else:
        click.echo("\n\n".join(rules.explain(verdict) if explain else rules.summary(verdict) for verdict in verdicts))
