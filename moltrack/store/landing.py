"""Landing: one source with all that it states, in one transaction.

A source is known by its content (sha256) and by what shaped its reading (options). The same again changes nothing; the
same content under other options, or another file for the same run, is a conflict unless it is to replace the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select

from moltrack.errors import MoltrackError
from moltrack.model import Run
from moltrack.store import audit, conflicts, reading, schema
from moltrack.store.audit import Change, Entry, source_digest
from moltrack.store.codec import encode
from moltrack.store.derived import Derive, Derived, Plan, derived_rows, plan, refresh, refresh_assays, write
from moltrack.store.merge import Stated
from moltrack.store.prepared import Prepared, PreparedRun, Statement, run_digest
from moltrack.store.reading import Stored
from moltrack.store.rows import insert_many
from moltrack.store.superseding import Ended


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of a landing.

    ``status`` is ``landed``, ``unchanged`` (the same file with the same options was there) or ``replaced``; ``runs`` are
    those written now, ``patients`` those derived anew, ``calls`` and ``coverage`` the numbers of rows written, ``refused``
    the number of rows the file held that could not be used, ``messages`` sentences for the user.
    """

    status: str
    runs: tuple[Run, ...] = ()
    patients: tuple[str, ...] = ()
    calls: int = 0
    coverage: int = 0
    refused: int = 0
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """A landing's patient as stored at ``version``: what can be derived before the landing is written."""

    version: int
    stored: Stored
    before: Derived


@dataclass(frozen=True, slots=True)
class Ahead:
    """The plan for a landing's patient; it holds while nothing newer than ``version`` is about the patient or an assay."""

    version: int
    plan: Plan


def look(connection: Connection, landing: Prepared) -> Sight | None:
    """What there is of the landing's patient; None when the landing can only be derived while it is written.

    So it is when it may end something, changes an assay or is about several patients.
    """
    ends = landing.replace or any(item.kind == "assay" for item in landing.statements)
    if ends or len(landing.patients) != 1 or conflicts.same_source(connection, landing.source):
        return None
    [patient] = landing.patients
    return Sight(
        audit.version(connection, patient), reading.stored(connection, patient), derived_rows(connection, patient)
    )


def derive_ahead(sight: Sight, landing: Prepared, derive: Derive) -> Ahead | None:
    """Derive the patient as it will be, so that other writers need not wait for it; None when that fails."""
    try:
        return Ahead(sight.version, plan(_with(sight.stored, landing), sight.before, derive))
    except MoltrackError:
        return None  # told when the landing is written, after what the database has to say against it


def _with(stored: Stored, landing: Prepared) -> Stored:
    """What holds of the patient when the landing has been written: a record read again is the record (see ``codec``)."""
    said: tuple[Stated[Any], ...] = tuple(Stated(item.record, landing.source.name) for item in landing.statements)
    return replace(stored, stated=stored.stated + said, runs=stored.runs + tuple(item.records for item in landing.runs))


def land(
    connection: Connection, change: Change, landing: Prepared, derive: Derive, ahead: Ahead | None = None
) -> Landed:
    """Write a prepared landing and derive the patients it concerns anew.

    ``ahead`` spares the derivation, if it still holds.

    Raises
    ------
    ConflictError
        The source contradicts what is there, and is not to replace it.
    """
    same = conflicts.same_source(connection, landing.source)
    if same is not None and not (landing.replace and conflicts.reads_differently(connection, same.source_id, landing)):
        return _land_again(connection, change, landing, same.source_id, derive)
    old_sources = conflicts.sources_in_the_way(connection, landing, same)
    old_runs = conflicts.runs_in_the_way(connection, landing, {row.source_id for row in old_sources})
    messages = conflicts.remarks(connection, landing)

    # Audit rows are opened before anything is ended: the ends of old rows belong to the row that replaces them.
    entries = [change.open("run", item.run.patient, _subject(item.run), landing.source.sha256) for item in landing.runs]
    ending = Ended(connection, change, landing.subjects)
    for row in old_sources:
        ending.source(row.source_id)
    for run_id in old_runs:
        ending.run(run_id)
    if landing.replace:
        for item in landing.statements:
            ending.contradicted(item)
    source_id = _insert_source(connection, change, landing)
    _insert_statements(connection, change, landing, source_id, landing.statements)
    for entry, run in zip(entries, landing.runs, strict=True):
        _insert_run(connection, entry, landing, source_id, run)
    return _derive(
        connection,
        change,
        landing,
        derive,
        status="replaced" if ending.patients or ending.assays else "landed",
        concerned={*landing.patients, *ending.patients},
        assays={item.name for item in landing.statements if item.kind == "assay"} | ending.assays,
        runs=landing.runs,
        messages=messages,
        ahead=ahead,
    )


def _land_again(connection: Connection, change: Change, landing: Prepared, source_id: int, derive: Derive) -> Landed:
    """The same file with the same options: nothing new, unless more is said about its patients and samples now."""
    table = schema.statements
    rows = connection.execute(
        select(table.c.kind, table.c.patient, table.c.payload).where(table.c.source_id == source_id)
    )
    known = {tuple(row) for row in rows}
    new = tuple(item for item in landing.statements if (item.kind, item.patient, item.payload) not in known)
    stored = schema.runs
    hashes = select(stored.c.rows_sha256).where(stored.c.source_id == source_id, reading.holds(stored))
    messages: list[str] = []
    if not {item.rows_sha256 for item in landing.runs} <= set(connection.execute(hashes).scalars()):
        messages.append(
            f"{landing.source.name} would now be read differently; --replace takes the new reading, nothing was changed."
        )
    if not new:
        return Landed("unchanged", refused=landing.refused_rows, messages=tuple(messages))
    ending = Ended(connection, change, landing.subjects)
    if landing.replace:
        for item in new:
            ending.contradicted(item)
    _insert_statements(connection, change, landing, source_id, new)
    return _derive(
        connection,
        change,
        landing,
        derive,
        status="replaced" if ending.patients or ending.assays else "landed",
        concerned={item.patient for item in new if item.patient} | ending.patients,
        assays={item.name for item in new if item.kind == "assay"} | ending.assays,
        runs=(),
        messages=messages,
    )


def _derive(
    connection: Connection,
    change: Change,
    landing: Prepared,
    derive: Derive,
    *,
    status: str,
    concerned: set[str],
    assays: set[str],
    runs: Sequence[PreparedRun],
    messages: list[str],
    ahead: Ahead | None = None,
) -> Landed:
    if assays:
        concerned |= refresh_assays(connection, sorted(assays))
    for patient in sorted(concerned):
        if ahead is not None and audit.version(connection, patient) == ahead.version:
            messages.extend(write(connection, change, ahead.plan, why="derive"))
        else:
            messages.extend(refresh(connection, change, patient, derive, why="derive"))
    return Landed(
        status,
        tuple(item.run for item in runs),
        tuple(sorted(concerned)),
        sum(len(item.calls) for item in runs),
        sum(len(item.coverage) for item in runs),
        landing.refused_rows,
        tuple(messages),
    )


def _subject(run: Run) -> str:
    return "/".join(part for part in (run.sample, run.assay, run.part) if part)


# --- writing new rows -------------------------------------------------------------------------------------------------


def _insert_source(connection: Connection, change: Change, landing: Prepared) -> int:
    source = landing.source
    result = connection.execute(
        insert(schema.sources)
        .returning(schema.sources.c.source_id)
        .values(
            sha256=source.sha256,
            name=source.name,
            format=source.format,
            options=source.options,
            size=source.size,
            tool=source.tool,
            tool_version=source.tool_version,
            refused=landing.refused,
            since=change.first,
        )
    )
    return int(result.scalar_one())


def _insert_statements(
    connection: Connection, change: Change, landing: Prepared, source_id: int, new: Iterable[Statement]
) -> None:
    source = source_digest(landing.source, landing.refused)
    for item in new:
        kind = "description" if item.patient else "assay"
        entry = change.entry_for(item.patient, kind, "" if item.patient else item.name, landing.source.sha256)
        insert_statement(connection, entry, item, source_id, source)


def insert_statement(
    connection: Connection, entry: Entry, item: Statement, source_id: int | None = None, source: str = ""
) -> None:
    """Write one statement; without a source it was set by hand."""
    entry.rows.append(item.digest(source))
    connection.execute(
        schema.statements.insert().values(
            source_id=source_id,
            kind=item.kind,
            patient=item.patient,
            name=item.name,
            payload=item.payload,
            since=entry.sequence,
        )
    )


def _insert_run(connection: Connection, entry: Entry, landing: Prepared, source_id: int, item: PreparedRun) -> None:
    run, payload = item.run, encode(item.run)
    entry.rows.append(run_digest(payload, item.rows_sha256, source_digest(landing.source, landing.refused)))
    result = connection.execute(
        insert(schema.runs)
        .returning(schema.runs.c.run_id)
        .values(
            source_id=source_id,
            patient=run.patient,
            sample=run.sample,
            assay=run.assay,
            part=run.part,
            technique=run.technique.value,
            build=run.build,
            calls=len(item.calls),
            coverage=len(item.coverage),
            rows_sha256=item.rows_sha256,
            payload=payload,
            since=entry.sequence,
        )
    )
    run_id = int(result.scalar_one())
    calls = ((run_id, number, *row) for number, row in enumerate(item.calls, start=1))
    coverage = ((run_id, number, *row) for number, row in enumerate(item.coverage, start=1))
    insert_many(connection, schema.calls, calls)
    insert_many(connection, schema.coverage, coverage)
