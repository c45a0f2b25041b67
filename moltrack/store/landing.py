"""Landing: one source with all that it states, in one transaction.

A source is known by its content (sha256) and by what shaped its reading (options). The same again changes nothing; the
same content under other options, or another file for the same run, is a conflict unless it is to replace the earlier one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from moltrack.errors import ConflictError
from moltrack.model import Assay, Event, Landing, PatientInfo, Run, RunRecords, SampleInfo, Source
from moltrack.store import reading, schema
from moltrack.store.audit import Change, Entry, digest, ended, source_digest
from moltrack.store.codec import decode, dump_json, encode
from moltrack.store.derived import Derive, refresh, refresh_assays
from moltrack.store.identifiers import clean
from moltrack.store.merge import Stated, contradicts, is_bare
from moltrack.store.rows import CALL_COLUMNS, COVERAGE_COLUMNS, call_row, coverage_row, insert_many, plain


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
class Statement:
    """A record about a patient, sample, event or assay, ready to be stored."""

    kind: str
    patient: str
    name: str
    payload: str
    record: PatientInfo | SampleInfo | Event | Assay

    def digest(self, source: str) -> bytes:
        return statement_digest(self.kind, self.patient, self.name, self.payload, source)


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run with its calls and coverage as rows without their run's number."""

    run: Run
    calls: tuple[tuple[int, str, str, str], ...]
    coverage: tuple[tuple[int, str, str, str], ...]
    rows_sha256: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.run.patient, self.run.sample, self.run.assay, self.run.part


@dataclass(frozen=True, slots=True)
class Prepared:
    """A landing as rows: everything that can be done before the transaction begins."""

    source: Source
    refused: str
    refused_rows: int
    statements: tuple[Statement, ...]
    runs: tuple[PreparedRun, ...]
    replace: bool

    @property
    def patients(self) -> tuple[str, ...]:
        names = {statement.patient for statement in self.statements if statement.patient}
        return tuple(sorted(names | {item.run.patient for item in self.runs}))

    @property
    def subjects(self) -> set[tuple[str, str]]:
        """(patient, sample) of everything that the source is about; sample "" for the patient as a whole."""
        described = {(s.patient, s.name if s.kind == "sample" else "") for s in self.statements if s.patient}
        return described | {(item.run.patient, item.run.sample) for item in self.runs}


def prepare(landing: Landing) -> Prepared:
    """Check identifiers and turn records into rows; touches no database.

    Raises
    ------
    InputError
        An identifier is empty, too long or holds a control character.
    """
    runs = tuple(_prepare_run(item) for item in landing.runs)
    patients = {item.run.patient for item in runs}
    samples = {(item.run.patient, item.run.sample) for item in runs}
    records: list[SampleInfo | Event | Assay] = [*landing.samples, *landing.events, *landing.assays]
    statements = [statement(record) for record in records]
    # A sample or patient of which nothing is said exists by its runs, or by what else is said of it.
    told = [s for s in statements if not (s.kind == "sample" and (s.patient, s.name) in samples and _is_bare(s))]
    patients |= {s.patient for s in told}
    told += [s for s in map(statement, landing.patients) if not (s.patient in patients and _is_bare(s))]
    refused = dump_json([[row.line, row.reason] for row in landing.refused])
    said = landing.source
    source = replace(
        said,
        name=plain(said.name),
        options=plain(said.options),
        tool=plain(said.tool),
        tool_version=plain(said.tool_version),
    )
    distinct = {(s.kind, s.patient, s.payload): s for s in told}
    return Prepared(source, refused, len(landing.refused), tuple(distinct.values()), runs, landing.replace)


def statement(record: PatientInfo | SampleInfo | Event | Assay) -> Statement:
    """A record with its identifiers in their one spelling."""
    if isinstance(record, Assay):
        record = replace(record, id=clean(record.id, "assay"), same_as=clean(record.same_as, "assay", empty=True))
        return Statement("assay", "", record.id, encode(record), record)
    record = replace(record, patient=clean(record.patient, "patient"))
    if isinstance(record, SampleInfo):
        aliases = tuple(clean(alias, "alias") for alias in record.aliases)
        record = replace(record, sample=clean(record.sample, "sample"), aliases=aliases)
        return Statement("sample", record.patient, record.sample, encode(record), record)
    if isinstance(record, Event):
        return Statement("event", record.patient, plain(record.name), encode(record), record)
    return Statement("patient", record.patient, record.patient, encode(record), record)


def _is_bare(item: Statement) -> bool:
    return not isinstance(item.record, Event) and is_bare(item.record)


def _prepare_run(item: RunRecords) -> PreparedRun:
    run = replace(
        item.run,
        patient=clean(item.run.patient, "patient"),
        sample=clean(item.run.sample, "sample"),
        assay=clean(item.run.assay, "assay"),
        part=clean(item.run.part, "part", empty=True),
    )
    calls, coverage = tuple(map(call_row, item.calls)), tuple(map(coverage_row, item.coverage))
    return PreparedRun(run, calls, coverage, rows_hash((r[-1] for r in calls), (r[-1] for r in coverage)))


def rows_hash(calls: Iterable[str], coverage: Iterable[str]) -> str:
    """The hash of a run's payloads in their order."""
    total = hashlib.sha256()
    for payloads in (calls, coverage):
        for payload in payloads:
            total.update(payload.encode() + b"\n")
        total.update(b"--\n")
    return total.hexdigest()


def statement_digest(kind: str, patient: str, name: str, payload: str, source: str) -> bytes:
    """The hash of a statement's row; ``source`` is the hash of its source, "" when set by hand."""
    return digest("statement", kind, patient, name, payload, source)


def run_digest(payload: str, rows_sha256: str, source: str) -> bytes:
    """The hash of a run's row."""
    return digest("run", payload, rows_sha256, source)


# --- the transaction --------------------------------------------------------------------------------------------------


def land(connection: Connection, change: Change, landing: Prepared, derive: Derive) -> Landed:
    """Write a prepared landing and derive the patients it concerns anew.

    Raises
    ------
    ConflictError
        The source contradicts what is there, and is not to replace it.
    """
    same = _same_source(connection, landing.source)
    if same is not None and not (landing.replace and _reads_differently(connection, same.source_id, landing)):
        return _land_again(connection, change, landing, same.source_id, derive)
    old_sources = _sources_in_the_way(connection, landing, same)
    old_runs = _runs_in_the_way(connection, landing, {row.source_id for row in old_sources})
    messages = _remarks(connection, landing)

    # Audit rows are opened before anything is ended: the ends of old rows belong to the row that replaces them.
    entries = [change.open("run", item.run.patient, _subject(item.run), landing.source.sha256) for item in landing.runs]
    ending = Ended(connection, change)
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
    ending = Ended(connection, change)
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
) -> Landed:
    if assays:
        concerned |= refresh_assays(connection, sorted(assays))
    for patient in sorted(concerned):
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


# --- what is there already --------------------------------------------------------------------------------------------


def _same_source(connection: Connection, source: Source) -> Any:
    table = schema.sources
    return connection.execute(
        select(table.c.source_id).where(
            table.c.sha256 == source.sha256, table.c.options == source.options, table.c.superseded_by.is_(None)
        )
    ).one_or_none()


def _reads_differently(connection: Connection, source_id: int, landing: Prepared) -> bool:
    """Whether the landing holds a run, or a statement, that the stored reading of the same file does not."""
    stored = schema.runs
    query = select(stored.c.payload, stored.c.rows_sha256).where(stored.c.source_id == source_id, reading.holds(stored))
    known = {tuple(row) for row in connection.execute(query)}
    return any((encode(item.run), item.rows_sha256) not in known for item in landing.runs)


def _sources_in_the_way(connection: Connection, landing: Prepared, same: Any) -> list[Any]:
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
                advice="Use the same options, or supersede the earlier reading with --replace.",
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


def _runs_in_the_way(connection: Connection, landing: Prepared, ending: set[int]) -> list[int]:
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


def _remarks(connection: Connection, landing: Prepared) -> list[str]:
    messages = []
    table = schema.patients
    for patient in landing.patients:
        query = select(table.c.patient).where(
            func.lower(table.c.patient) == patient.lower(), table.c.patient != patient
        )
        for other in connection.execute(query).scalars():
            messages.append(f"patient '{patient}' and patient '{other}' differ only in capitals: are they the same?")
    if not landing.replace and not landing.runs and _earlier_descriptions(connection, landing):
        messages.append(
            f"{landing.source.name} was read before with other content; both hold now, --replace supersedes the earlier one."
        )
    return messages


# --- ending old rows --------------------------------------------------------------------------------------------------


class Ended:
    """Supersedes rows and keeps account of the patients and assays that this concerns."""

    def __init__(self, connection: Connection, change: Change) -> None:
        self.connection = connection
        self.change = change
        self.patients: set[str] = set()
        self.assays: set[str] = set()

    def source(self, source_id: int) -> None:
        """End a source with everything it brought."""
        runs, statements = schema.runs, schema.statements
        for run_id in self._ids(runs.c.run_id, runs, source_id):
            self._end_run(run_id)
        for statement_id in self._ids(statements.c.statement_id, statements, source_id):
            self.statement(statement_id)
        first = self.change.first
        self.connection.execute(
            update(schema.sources).where(schema.sources.c.source_id == source_id).values(superseded_by=first)
        )

    def run(self, run_id: int) -> None:
        """End a run; when it was the last of its source, the source with it."""
        source_id = self._end_run(run_id)
        if not self._ids(schema.runs.c.run_id, schema.runs, source_id):
            self.source(source_id)

    def contradicted(self, new: Statement) -> None:
        """End statements that cannot hold beside a new one."""
        if isinstance(new.record, Event):
            return
        table = schema.statements
        rows = self.connection.execute(
            select(table.c.statement_id, table.c.payload).where(
                table.c.patient == new.patient,
                table.c.kind == new.kind,
                table.c.name == new.name,
                reading.holds(table),
            )
        ).all()
        for row in rows:
            old = decode(row.payload, reading.KINDS[new.kind])
            if contradicts(Stated(old, "before"), Stated(new.record, "now")):
                self.statement(row.statement_id)

    def statement(self, statement_id: int) -> None:
        """End one statement."""
        table = schema.statements
        row = self.connection.execute(select(table).where(table.c.statement_id == statement_id)).one()
        entry = self.change.entry_for(row.patient, "edit" if row.patient else "assay")
        source = stored_source_digest(self.connection, row.source_id)
        entry.rows.append(ended(statement_digest(row.kind, row.patient, row.name, row.payload, source)))
        self.connection.execute(
            update(table).where(table.c.statement_id == statement_id).values(superseded_by=entry.sequence)
        )
        if row.patient:
            self.patients.add(row.patient)
        else:
            self.assays.add(row.name)

    def _end_run(self, run_id: int) -> int:
        table = schema.runs
        row = self.connection.execute(select(table).where(table.c.run_id == run_id)).one()
        entry = self.change.entry_for(row.patient, "edit")
        source = stored_source_digest(self.connection, row.source_id)
        entry.rows.append(ended(run_digest(row.payload, row.rows_sha256, source)))
        self.connection.execute(update(table).where(table.c.run_id == run_id).values(superseded_by=entry.sequence))
        self.patients.add(row.patient)
        return int(row.source_id)

    def _ids(self, column: Any, table: Any, source_id: int) -> list[int]:
        query = select(column).where(table.c.source_id == source_id, reading.holds(table))
        return list(self.connection.execute(query).scalars())


def stored_source_digest(connection: Connection, source_id: int | None) -> str:
    """The hash of a source's row; "" for what was set by hand."""
    if source_id is None:
        return ""
    row = connection.execute(select(schema.sources).where(schema.sources.c.source_id == source_id)).one()
    return source_digest(source_of(row), row.refused)


def source_of(row: Any) -> Source:
    """A row of ``sources`` as a record."""
    return Source(row.sha256, row.name, row.format, row.options, row.size, row.tool, row.tool_version)


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
    insert_many(connection, schema.calls, CALL_COLUMNS, calls)
    insert_many(connection, schema.coverage, COVERAGE_COLUMNS, coverage)
