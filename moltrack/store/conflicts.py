"""What is there already that a landing meets: the same source, other readings of it, other files of the same run."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from moltrack.errors import ConflictError
from moltrack.model import Run, Source
from moltrack.store import reading, schema
from moltrack.store.codec import decode, encode
from moltrack.store.prepared import Prepared


def same_source(connection: Connection, source: Source) -> Any:
    table = schema.sources
    return connection.execute(
        select(table.c.source_id).where(
            table.c.sha256 == source.sha256, table.c.options == source.options, table.c.superseded_by.is_(None)
        )
    ).one_or_none()


def reads_differently(connection: Connection, source_id: int, landing: Prepared) -> bool:
    """Whether the landing holds a run, or a statement, that the stored reading of the same file does not."""
    stored = schema.runs
    query = select(stored.c.payload, stored.c.rows_sha256).where(stored.c.source_id == source_id, reading.holds(stored))
    known = {tuple(row) for row in connection.execute(query)}
    return any((encode(item.run), item.rows_sha256) not in known for item in landing.runs)


def sources_in_the_way(connection: Connection, landing: Prepared, same: Any) -> list[Any]:
    """Earlier readings that the landing can only replace.

    The same content under other options is one of them when both are about the same sample, or when it holds calls: then
    it is the same result under another name. A file with several tumour columns may be read once for each; files without
    a call (a caller that found nothing) look alike for every sample.
    """
    table = schema.sources
    earlier = connection.execute(
        select(table).where(table.c.sha256 == landing.source.sha256, table.c.superseded_by.is_(None))
    ).all()
    found = [row for row in earlier if same is not None and row.source_id == same.source_id]
    has_calls = any(item.calls for item in landing.runs)
    for row in earlier:
        if row in found:
            continue
        shared = _subjects(connection, row.source_id) & landing.subjects
        columns = {_options(text).get("tumor_sample") for text in (row.options, landing.source.options)}
        if not shared and (not has_calls or (len(columns) == 2 and None not in columns)):
            continue
        if not landing.replace:
            raise ConflictError(
                f"{landing.source.name} was already read with other options ({_difference(row.options, landing.source.options)}).",
                advice="Use the same options, or supersede the earlier reading with --replace."
                if shared
                else "One result cannot be of two samples: supersede the earlier reading with --replace, or tell files apart "
                "that are alike by chance (a column with the patient or sample, a comment line).",
            )
        found.append(row)
    if landing.replace and not landing.runs:
        found.extend(_earlier_descriptions(connection, landing))
    return found


def _earlier_descriptions(connection: Connection, landing: Prepared) -> list[Any]:
    """Readings of a table of samples, events ... of the same name about the same patients, with other content."""
    table, runs = schema.sources, schema.runs
    rows = connection.execute(
        select(table).where(
            table.c.name == landing.source.name,
            table.c.format == landing.source.format,
            table.c.sha256 != landing.source.sha256,
            table.c.superseded_by.is_(None),
            ~select(runs.c.run_id).where(runs.c.source_id == table.c.source_id).exists(),
        )
    ).all()
    patients = set(landing.patients) or {""}
    return [row for row in rows if {patient for patient, _ in _subjects(connection, row.source_id)} & patients]


def _subjects(connection: Connection, source_id: int) -> set[tuple[str, str]]:
    said, runs = schema.statements, schema.runs
    found = {
        (row.patient, row.name if row.kind == "sample" else "")
        for row in connection.execute(
            select(said.c.patient, said.c.kind, said.c.name).where(said.c.source_id == source_id, reading.holds(said))
        )
    }
    query = select(runs.c.patient, runs.c.sample).where(runs.c.source_id == source_id, reading.holds(runs))
    return found | {(row.patient, row.sample) for row in connection.execute(query)}


def _options(text: str) -> dict[str, Any]:
    try:
        options = json.loads(text)
    except ValueError:
        return {"options": text}
    return options if isinstance(options, dict) else {"options": text}


def _difference(before: str, now: str) -> str:
    old, new = _options(before), _options(now)
    names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    return "; ".join(f"{name}: {_option(old.get(name))} before, {_option(new.get(name))} now" for name in names)


def _option(value: Any) -> str:
    if value is None:
        return "not given"
    return " ".join(map(str, value)) if isinstance(value, list) else f"'{value}'"


def runs_in_the_way(connection: Connection, landing: Prepared, ending: set[int]) -> list[int]:
    """Current runs of other sources for the same patient, sample, assay and part."""
    table = schema.runs
    found = []
    for item in landing.runs:
        run = item.run
        row = connection.execute(
            select(table.c.run_id, table.c.source_id, table.c.payload).where(
                table.c.patient == run.patient,
                table.c.sample == run.sample,
                table.c.assay == run.assay,
                table.c.part == run.part,
                reading.holds(table),
            )
        ).one_or_none()
        if row is None or row.source_id in ending:
            continue
        if not landing.replace:
            earlier = decode(row.payload, Run)
            raise ConflictError(
                f"{run.assay} of sample '{run.sample}' of patient {run.patient} was already read from {earlier.file} "
                f"(sha256 {earlier.sha256[:12]}); {landing.source.name} ({landing.source.sha256[:12]}) is another file.",
                advice="Supersede the earlier one with --replace, or tell the two apart with --part or --assay.",
            )
        found.append(row.run_id)
    return found


def remarks(connection: Connection, landing: Prepared) -> list[str]:
    messages = []
    table = schema.patients
    for patient in landing.patients:
        query = select(table.c.patient).where(table.c.folded == patient.casefold(), table.c.patient != patient)
        for other in connection.execute(query).scalars():
            messages.append(f"patient '{patient}' and patient '{other}' differ only in capitals: are they the same?")
    if not landing.replace and not landing.runs and _earlier_descriptions(connection, landing):
        messages.append(
            f"{landing.source.name} was read before with other content; both hold now, --replace supersedes the earlier one."
        )
    return messages
