"""A million observations: idempotent insert against plain inserts of the same tuples, reading one patient, bytes per observation.

Run: ``python benchmarks/store_observations.py [--observations N] [--postgres URL URL]`` (two empty databases)

Both sides get the same ready-made tuples, in transactions of 100 patients, for the same tables with the same keys on the
same machine in the same run:

plain       nothing but the driver: ``executemany`` (SQLite), ``COPY`` into a staging table without keys and
            ``INSERT ... SELECT`` into the real one (PostgreSQL)
store       what an ingest does: compare with what is there, move what no longer holds to the history, insert, hash every
            row for the audit chain
again       the same tuples once more: nothing may change

Making the tuples from records (canonical JSON, columns) is the same for both sides and timed apart.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, Table

from moltrack.model import (
    Counts,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Normalized,
    Observation,
    Origin,
    PatientInfo,
    Status,
    Technique,
    Tissue,
)
from moltrack.store import Store, engine, schema
from moltrack.store.audit import Change
from moltrack.store.codec import encode
from moltrack.store.derived import Rows, compare, derived_rows, patient_row, rows_of, write_changes
from moltrack.store.rows import insert_many
from moltrack.timeline import timeline

PER_PATIENT = 500
TABLES = (schema.markers, schema.observations)


def patient(number: int) -> Normalized:
    """20 markers in 25 samples."""
    name = f"P{number:06d}"
    markers = tuple(Marker(f"G{m} p.V{m}A", MarkerKind.SMALL_VARIANT, f"G{m}", genes=(f"G{m}",)) for m in range(20))
    observations = tuple(
        Observation(
            name,
            f"S{sample:02d}",
            marker.id,
            "mutect2",
            Technique.DNA_SEQUENCING,
            Tissue.BM,
            Status.DETECTED,
            quantity="vaf",
            level=(number % 97 + sample) / 1000,
            printed=f"{(number % 97 + sample) / 10} %",
            counts=Counts(alt=float(sample), ref=900.0, depth=900.0 + sample),
            limits=(Limit(LimitKind.LOD, 0.02, "declared"),),
            tool="Mutect2",
            tool_version="4.5",
            origins=(Origin(f"{name}.vcf.gz", sample + m, f"{number:064x}"),),
        )
        for sample in range(25)
        for m, marker in enumerate(markers)
    )
    return Normalized(markers, observations)


@contextmanager
def timed(totals: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    totals[name] = totals.get(name, 0.0) + time.perf_counter() - start


def plain_insert(connection: Connection, table: Table, rows: list[tuple[object, ...]]) -> None:
    if connection.dialect.name == "sqlite":
        insert_many(connection, table, rows)
        return
    staging = table.to_metadata(type(schema.metadata)(), name=f"staging_{table.name}")
    insert_many(connection, staging, rows)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {staging.name}")
    connection.exec_driver_sql(f"TRUNCATE {staging.name}")


def idempotent_insert(connection: Connection, rows: Mapping[str, Rows]) -> None:
    change = Change(connection, "benchmark")
    for who, wanted in rows.items():
        entry = change.entry_for(who, "derive")
        changes = compare(who, derived_rows(connection, who, description=()), wanted)
        write_changes(connection, entry, who, changes)
        change.discard_if_empty(entry)
    change.write()


def measure(plain_url: str, store_url: str, patients: int) -> dict[str, float]:
    totals: dict[str, float] = {}
    batch = 100  # patients per transaction, on both sides
    with Store.open(plain_url) as plain, Store.open(store_url) as store:
        if "postgresql" in plain_url:
            with engine.writing(plain._engine, plain._place) as connection:
                for table in TABLES:
                    connection.exec_driver_sql(f"CREATE UNLOGGED TABLE staging_{table.name} (LIKE {table.name})")
        for first in range(0, patients, batch):
            found = {f"P{n:06d}": patient(n) for n in range(first, min(first + batch, patients))}
            with timed(totals, "rows from records"):
                rows = {who: rows_of(who, normalized) for who, normalized in found.items()}
            del found
            ready = [
                [(*row, 1) for of_patient in rows.values() for row in of_patient.markers.values()],
                [(*row, 1) for of_patient in rows.values() for row in of_patient.observations.values()],
            ]
            with timed(totals, "plain"), engine.writing(plain._engine, plain._place) as connection:
                for table, tuples in zip(TABLES, ready, strict=True):
                    plain_insert(connection, table, tuples)
            del ready
            for name in ("store", "again"):
                with timed(totals, name), engine.writing(store._engine, store._place) as connection:
                    idempotent_insert(connection, rows)
        with engine.writing(store._engine, store._place) as connection:
            info = [patient_row(PatientInfo(f"P{number:06d}"), ()) for number in range(patients)]
            insert_many(connection, schema.patients, info)
            _state(connection, patients)
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("ANALYZE")  # as autovacuum does a minute later
        totals["bytes per observation"] = store.info().size / (patients * PER_PATIENT)
        timeline(store, "P000000").table()  # start-up: imports, rule files
        times: dict[str, list[float]] = {"reading one patient": [], "table of one patient": []}
        for number in range(0, patients, max(1, patients // 50)):
            start = time.perf_counter()
            assert len(store.patient_records(f"P{number:06d}").observations) == PER_PATIENT
            times["reading one patient"].append(time.perf_counter() - start)
            start = time.perf_counter()
            assert len(timeline(store, f"P{number:06d}").table()) == PER_PATIENT
            times["table of one patient"].append(time.perf_counter() - start)
        totals |= {name: statistics.median(seconds) for name, seconds in times.items()}
    return totals


def _state(connection: Connection, patients: int) -> None:
    """Every patient is stated, so that it can be read."""
    rows = [
        ("patient", f"P{n:06d}", f"P{n:06d}", encode(replace(PatientInfo("x"), patient=f"P{n:06d}")), 1)
        for n in range(patients)
    ]
    insert_many(connection, schema.statements, rows, columns=("kind", "patient", "name", "payload", "since"))


def report(title: str, totals: dict[str, float], count: int) -> None:
    made, plain, store, again = (totals[name] for name in ("rows from records", "plain", "store", "again"))
    print(f"{title}: {count:,} observations")
    print(f"  plain insert of ready tuples       {plain:8.1f} s  {count / plain:,.0f} rows/s")
    print(f"  store, the same tuples             {store:8.1f} s  {count / store:,.0f} rows/s")
    print(f"  store, once more                   {again:8.1f} s  {count / again:,.0f} rows/s")
    print(f"  store / plain                      {store / plain:8.2f}    (target 1.5)")
    print(f"  making the tuples from records     {made:8.1f} s  {count / made:,.0f} rows/s")
    print(f"  (making + store) / (making + plain){(made + store) / (made + plain):8.2f}")
    print(
        f"  reading one patient                {totals['reading one patient'] * 1000:8.1f} ms ({PER_PATIENT} observations)"
    )
    print(f"  Timeline.table() of one patient    {totals['table of one patient'] * 1000:8.1f} ms (target 100)")
    print(
        f"  size                               {totals['bytes per observation']:8.0f} bytes per observation, "
        "indexes and audit included",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Time a million observations.")
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--postgres", nargs=2, metavar="URL", help="two empty PostgreSQL databases")
    arguments = parser.parse_args()
    patients = arguments.observations // PER_PATIENT
    with tempfile.TemporaryDirectory() as folder:
        totals = measure(str(Path(folder) / "plain.db"), str(Path(folder) / "store.db"), patients)
    report("SQLite", totals, patients * PER_PATIENT)
    if arguments.postgres:
        plain, store = arguments.postgres
        report("PostgreSQL", measure(plain, store, patients), patients * PER_PATIENT)


if __name__ == "__main__":
    main()
