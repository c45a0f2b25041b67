"""``moltrack db``: look after the database."""

from __future__ import annotations

from pathlib import Path

import click

from moltrack.cli.common import FORMAT_OPTION, counted, open_store, show


@click.group()
def command() -> None:
    """Look after the database: what it holds, its schema, a copy, its health.

    \b
    moltrack db info
    moltrack db backup moltrack-2026-01-31.db
    moltrack db dump --canonical > dump.jsonl
    """


@command.command("info")
@FORMAT_OPTION
@click.pass_context
def info(ctx: click.Context, form: str) -> None:
    """Where the database is, its schema, how much it holds, the head of its audit chain.

    \b
    moltrack db info
    """
    from dataclasses import asdict

    found = open_store(ctx).info()
    rows = [
        {"what": name.replace("_", " "), "value": value} for name, value in asdict(found).items() if name != "warnings"
    ]
    show(rows, ["what", "value"], form, empty="")
    for warning in found.warnings:
        click.echo(f"Warning: {warning}", err=True)


@command.command("upgrade")
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring the schema of an older database to that of this program, in one transaction.

    \b
    moltrack db backup before-upgrade.db
    moltrack db upgrade
    """
    from moltrack.store import Store

    before, after = Store.upgrade(ctx.obj)
    if before == after:
        click.echo(f"The schema is {after} already; nothing changed.")
    else:
        click.echo(f"Upgraded from schema {before} to {after}. Run 'moltrack db rebuild' to derive everything anew.")


@command.command("backup")
@click.argument("output", type=click.Path(path_type=Path))
@click.pass_context
def backup(ctx: click.Context, output: Path) -> None:
    """Copy the database to OUTPUT, a SQLite file, while others may go on working.

    A PostgreSQL database is copied too, audit chain included; the copy opens with --db OUTPUT.

    \b
    moltrack db backup moltrack-2026-01-31.db
    """
    from moltrack.errors import InputError

    if not output.absolute().parent.is_dir():
        raise InputError(f"the folder {output.parent} does not exist.", advice="Create it, or give another OUTPUT.")
    open_store(ctx).backup(output)
    click.echo(f"Wrote {output}.", err=True)


@command.command("check")
@click.pass_context
def check(ctx: click.Context) -> int:
    """Say whether the database as such is sound: pages, references, tables. See also 'moltrack verify'.

    \b
    moltrack db check
    """
    store = open_store(ctx)
    problems = store.check()
    for line in (*problems, *(f"Warning: {warning}" for warning in store.warnings)):
        click.echo(line, err=True)
    if problems:
        click.echo(
            f"{counted(len(problems), 'problem')}. Restore a backup, or ask for help with the lines above.", err=True
        )
        return 1
    click.echo("The database is sound.")
    return 0


@command.command("rebuild")
@click.option("--patient", default="", help="Only this patient; default: all.")
@click.pass_context
def rebuild(ctx: click.Context, patient: str) -> None:
    """Derive markers and observations anew from the calls as printed: after an update of tables or rules.

    \b
    moltrack db rebuild
    """
    from moltrack.normalize import normalize

    store = open_store(ctx)
    before = store.head()
    count = store.rebuild(normalize, patient or None)
    changed = "" if store.head() != before else " Nothing changed."
    click.echo(f"Derived {counted(count, 'patient')} anew.{changed}")


@command.command("dump")
@click.option("--canonical", is_flag=True, help="The canonical form (the only one there is; says so in scripts).")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, help="File to write; default: stdout.")
@click.pass_context
def dump(ctx: click.Context, canonical: bool, output: Path | None) -> None:
    """Print what the database holds now as JSON lines; equal stores print the same bytes on any database.

    \b
    moltrack db dump --canonical > dump.jsonl
    """
    from moltrack.timeline import write_private

    del canonical
    lines = open_store(ctx).dump()
    if output is None:
        for line in lines:
            click.echo(line)
    else:
        write_private(output, "".join(f"{line}\n" for line in lines))
