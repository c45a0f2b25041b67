"""Write ``docs/cli.md``, ``formats.md``, ``table.md`` and ``trial.md`` from the program itself; ``--check`` says whether they are stale."""

from __future__ import annotations

import sys
from pathlib import Path

import click

HERE = Path(__file__).parent


def command_pages() -> str:
    """Every command with its help."""
    from moltrack.cli.main import cli

    parts = ["# Commands\n\nWritten from the program's own help by `make docs`.\n"]

    def add(command: click.Command, path: list[str]) -> None:
        context = click.Context(command, info_name=" ".join(path), **cli.context_settings)
        parts.append(f"## `{' '.join(path)}`\n\n```text\n{command.get_help(context)}\n```\n")
        if isinstance(command, click.Group) and command is not cli:
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                assert child is not None
                add(child, [*path, name])

    add(cli, ["moltrack"])
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        add(command, ["moltrack", name])
    return "\n".join(parts)


def format_page() -> str:
    """Every format with versions and the source of its columns."""
    from moltrack.formats.registry import all_formats

    lines = [
        "# Formats",
        "",
        "Files are told by their content. `--input-format NAME` forces one. Written from the program by `make docs`.",
        "",
        "| name | what | versions | a file without rows | columns from |",
        "|---|---|---|---|---|",
    ]
    for item in sorted(all_formats().values(), key=lambda item: (item.family, item.name)):
        title = item.title if not item.refuses else f"{item.title}: not read, {item.refuses}"
        cells = [
            f"`{item.name}`",
            title,
            str(item.versions),
            str(item.empty),
            item.columns_source or ("template" if item.template else ""),
        ]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def table_page() -> str:
    """The column contract of the longitudinal table."""
    from moltrack.timeline import TABLE_COLUMNS, TABLE_VERSION

    lines = [
        "# The longitudinal table",
        "",
        f"Version {TABLE_VERSION} of the columns that `Timeline.table()`, `moltrack table --format csv` and `moltrack export` give. A column is",
        "renamed, removed or changed in meaning only together with this number.",
        "",
        "| column | holds |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {text} |" for name, text in TABLE_COLUMNS.items()]
    return "\n".join(lines) + "\n"


def trial_page() -> str:
    """The definitions and columns of the tables of a trial."""
    from moltrack.analysis.trial import DEFINITIONS, LONG_COLUMNS, STATES
    from moltrack.timeline.trial import ENDPOINT_COLUMNS, SURVIVAL_COLUMNS, SURVIVAL_DEFINITIONS, VISIT_COLUMNS

    lines = ["# Tables of a trial", "", "Written from the program by `make docs`.", "", "## Definitions", ""]
    lines += ["| name | what | definition | source |", "|---|---|---|---|"]
    lines += [f"| `{item.name}` | {item.title} | {item.text} | {item.source} |" for item in DEFINITIONS.values()]
    lines += ["", "A test at a visit is one of:", ""]
    lines += [f"- {state}: {meaning}" for state, meaning in STATES.items()]
    tables = (
        ("trial visits", VISIT_COLUMNS | {"test NAME": "what became of a test that the schedule names, as above"}),
        ("trial endpoints", ENDPOINT_COLUMNS),
        ("trial survival", SURVIVAL_COLUMNS),
        ("trial long", LONG_COLUMNS),
    )
    for command, columns in tables:
        lines += ["", f"## `moltrack {command}`", "", "| column | holds |", "|---|---|"]
        lines += [f"| `{name}` | {text} |" for name, text in columns.items()]
        if columns is SURVIVAL_COLUMNS:
            lines += [""]
            lines += [f"- {item.title}: {item.text} ({item.source})" for item in SURVIVAL_DEFINITIONS]
    return "\n".join(lines) + "\n"


PAGES = {"cli.md": command_pages, "formats.md": format_page, "table.md": table_page, "trial.md": trial_page}


def main() -> int:
    """Write the pages, or with ``--check`` only compare."""
    stale = []
    for name, make in PAGES.items():
        path, text = HERE / name, make()
        if "--check" in sys.argv:
            stale += [name] if not path.is_file() or path.read_text(encoding="utf-8") != text else []
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"Stale: {', '.join(stale)}; run 'make docs'.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
