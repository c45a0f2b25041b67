"""The entry point: finds commands lazily and turns expected failures into one line and an exit status.

Exit status: 0 done, 1 the input or the data is wrong, 2 usage, 3 a batch landed partly, 130 interrupted.
"""

from __future__ import annotations

import errno
import gc
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from moltrack import __version__
from moltrack.errors import MoltrackError

#: Command name -> one line of help; the module ``moltrack.cli.<name>`` is imported when the command runs.
COMMANDS = {
    "ingest": "Read files of a sample (or a manifest of many) into the database.",
    "trend": "Draw a patient's clearance curves, or print them as a table.",
    "table": "Print a patient's longitudinal table.",
    "risk": "Say what the guidelines say, with every reason and what is missing.",
    "response": "Say the response to treatment at every marrow, beside what was recorded.",
    "mrd": "Say the MRD status of every target and method, with the limit of the assay.",
    "flags": "Say what stands out: discordance, resistance, emerging markers, limits that are missing.",
    "report": "Write the page of a patient, or of all patients.",
    "trial": "Tables of a trial: visits, endpoints, survival, long form.",
    "iscn": "Explain a karyotype, or read many.",
    "patient": "List, add, edit or delete patients.",
    "sample": "List, add or edit samples.",
    "event": "List, add or remove treatments, infusions, responses ...",
    "marker": "List markers; track, classify, join, split or rename them.",
    "observation": "List observations; void one, with a reason.",
    "assay": "List or add assays: technique, limits, what they cover.",
    "formats": "List the formats that are read; print a template.",
    "rules": "List, show, check or compare guideline rules.",
    "export": "Write patients in other tools' forms.",
    "verify": "Check the audit chain, the keys and the files.",
    "db": "Look after the database: info, upgrade, backup, rebuild, dump.",
    "doctor": "Say what each file of a folder is, and write a manifest to correct.",
    "demo": "Run the reference case from start to report.",
}


class _ReaderGone(Exception):
    """The reader of a pipe (head, less) has what it wanted."""


@contextmanager
def _reader_may_go() -> Iterator[None]:
    """Meet a closed pipe before click does, which would end with status 1: that says that the input is wrong."""
    try:
        yield
    except BrokenPipeError:
        raise _ReaderGone from None


class LazyGroup(click.Group):
    """A group that lists its commands without importing them."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:  # prints --help
        with _reader_may_go():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        with _reader_may_go():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"moltrack.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--db",
    "db",
    metavar="URL_OR_PATH",
    envvar="MOLTRACK_DB",
    default="moltrack.db",
    show_default=True,
    help="The database: a file, or postgresql://...",
)
@click.version_option(__version__, prog_name="moltrack")
@click.pass_context
def cli(ctx: click.Context, db: str) -> None:
    """Follow a leukaemia patient's molecular disease over time.

    For research and for review by a physician; not a medical device.

    \b
    moltrack ingest sample.vcf.gz --patient P01 --sample S1 --date 2021-05-12 --phase diagnosis
    moltrack trend P01 -o P01.html
    """
    ctx.obj = db


def run() -> None:
    """The command line as a process of its own."""
    try:
        main()
    except SystemExit as end:
        # All is written and closed by now. To take the interpreter and some hundred thousand objects apart first takes longer
        # than many a command.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(end.code if isinstance(end.code, int) else 0)


def main() -> None:
    """Run the command line; ends with ``SystemExit``."""
    # Records are made by the thousand, hold no cycles and live to the end: the collector would look at them in vain.
    gc.set_threshold(500_000, 50, 100)
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except MoltrackError as error:
        from moltrack.cli.common import visible

        click.echo(f"Error: {visible(str(error))}", err=True)
        sys.exit(error.exit_code)
    except _ReaderGone:
        _close_stdout()
        sys.exit(0)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _close_stdout()
        click.echo(f"Error: the output cannot be written ({error.strerror}).", err=True)
        sys.exit(1)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _close_stdout()
    sys.exit(status if isinstance(status, int) else 0)


def _close_stdout() -> None:
    """Send what is left to nowhere: at its end Python would complain that it cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
