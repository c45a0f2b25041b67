"""A landing as rows: everything that can be done before the transaction begins, and the hashes of those rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from moltrack.model import Assay, Event, Landing, PatientInfo, Run, RunRecords, SampleInfo, Source
from moltrack.model.identifiers import clean
from moltrack.store.audit import digest
from moltrack.store.codec import dump_json, encode
from moltrack.store.merge import is_bare
from moltrack.store.rows import call_row, coverage_row, plain


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
    """A run, and its calls and coverage as rows without their run's number."""

    records: RunRecords
    calls: tuple[tuple[int, str, str, str], ...]
    coverage: tuple[tuple[int, str, str, str], ...]
    rows_sha256: str

    @property
    def run(self) -> Run:
        return self.records.run

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
    return PreparedRun(
        replace(item, run=run), calls, coverage, rows_hash((r[-1] for r in calls), (r[-1] for r in coverage))
    )


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
