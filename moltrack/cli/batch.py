"""A manifest from the command line: progress, summary, failures as a table, exit status 3 when part failed."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moltrack.cli.common import counted, print_table
from moltrack.formats.files import LIMITS, Limits

if TYPE_CHECKING:
    from moltrack.manifest import Outcome
    from moltrack.store import Store


def run_manifest(
    store: Store,
    path: Path,
    *,
    jobs: int = 1,
    dask: str = "",
    allow_outside: bool = False,
    replace: bool = False,
    form: str = "text",
    limits: Limits = LIMITS,
) -> int:
    """Land every file of a manifest; returns the exit status (0, or 3 when some failed, 1 when all did)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from moltrack import manifest

    todo = manifest.read_manifest(path, allow_outside=allow_outside, replace_existing=replace, limits=limits)
    counts: Counter[str] = Counter()
    failures = []
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("files", total=len(todo))
        for outcome in manifest.run(store, todo, workers=jobs, dask=dask):
            counts[outcome.status] += 1
            bar.advance(task)
            refused = outcome.landing.refused if outcome.landing else ()
            if outcome.status == "failed":
                failures.append({"row": outcome.job.line, "file": outcome.job.path.name, "reason": outcome.error})
            if form == "json":
                click.echo(json.dumps(outcome_summary(outcome), ensure_ascii=False))
            else:
                for row in refused[:5]:
                    click.echo(f"{outcome.job.path.name}:{row.line}: row not used: {row.reason}", err=True)
                if len(refused) > 5:
                    click.echo(f"{outcome.job.path.name}: {len(refused) - 5} more rows not used", err=True)
                for message in outcome.landed.messages if outcome.landed else ():
                    click.echo(f"{outcome.job.path.name}: {message}", err=True)
    if form == "text":
        click.echo(
            f"{counted(len(todo), 'file')}: "
            + ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
            + "."
        )
        if failures:
            print_table(failures, ["row", "file", "reason"], title="Failed")
    if not failures:
        return 0
    return 1 if len(failures) == len(todo) else 3


def outcome_summary(outcome: Outcome) -> dict[str, Any]:
    """What became of a file, with the keys that ``ingest`` prints for a single one."""
    from moltrack.cli.ingest import landing_summary

    found = {"path": str(outcome.job.path), "status": outcome.status, "error": outcome.error}
    if outcome.landing is None:
        return found | {"format": "", "sha256": "", "runs": [], "refused": [], "notes": [], "messages": []}
    messages = list(outcome.landed.messages) if outcome.landed else []
    return found | landing_summary(outcome.landing) | {"messages": messages}
