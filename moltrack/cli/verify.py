"""``moltrack verify``: does the store still hold what its audit chain says was written?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from moltrack.cli.common import INPUT_PATH, counted, open_store


@click.command()
@click.argument("files", nargs=-1, type=INPUT_PATH)
@click.option(
    "--head", default="", metavar="HASH", help="An audit hash written down earlier (it stands on every report)."
)
@click.option(
    "--identity",
    "people",
    is_flag=True,
    help="Also compare samples by inherited alleles and private markers: swaps, one person twice.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], head: str, people: bool, form: str) -> int:
    """Check the audit chain, every stored row against it, and FILES against what was ingested.

    The chain shows changes. Against somebody who can rewrite the whole database, compare with a head hash kept elsewhere.

    \b
    moltrack verify
    moltrack verify --head 3f2a... results/*.vcf.gz
    """
    store = open_store(ctx)
    result = store.verify(head or None, files)
    remarks = store.identity() if people else ()
    if form == "json":
        click.echo(
            json.dumps(
                {
                    "ok": result.ok,
                    "audit_rows": result.rows,
                    "head": result.head,
                    "problems": result.problems,
                    "notes": result.notes,
                    "identity": remarks,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return 0 if result.ok else 1
    for note in result.notes:
        click.echo(note)
    for remark in remarks:
        click.echo(f"Identity: {remark}")
    if people and not remarks:
        click.echo("Identity: no sample that can be compared looks swapped or doubled.")
    for problem in result.problems:
        click.echo(problem, err=True)
    if result.ok:
        click.echo(f"Everything holds: {result.rows} audit rows, head {result.head}")
        return 0
    click.echo(f"{counted(len(result.problems), 'problem')} in {counted(result.rows, 'audit row')}.", err=True)
    return 1
