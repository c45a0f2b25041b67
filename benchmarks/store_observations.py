"""A million observations: idempotent insert against plain inserts, reading one patient, bytes per observation.

Run: ``python benchmarks/store_observations.py [--observations N] [--postgres URL]``

Both sides write the same rows, made from the same records, into the same schema on the same machine in the same run:

plain       ready-made tuples through the driver: ``executemany`` (SQLite), ``COPY`` into a staging table without keys and
            ``INSERT ... SELECT`` into the real one (PostgreSQL); making the tuples from records is timed apart
store       what an ingest does per patient: compare with what is there, move what no longer holds to the history, insert,
            hash every row for the audit chain
again       the same observations once more: nothing may change
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

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
from moltrack.store.derived import patient_row, write_normalized
from moltrack.store.rows import insert_many, observation_row

PER_PATIENT = 500


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


def plain_insert(connection: Connection, rows: list[tuple[object, ...]]) -> None:
    if connection.dialect.name == "sqlite":
        insert_many(connection, schema.observations, rows)
        return
    staging = schema.observations.to_metadata(type(schema.metadata)(), name="staging")
    insert_many(connection, staging, rows)
    names = ", ".join(f'"{column.name}"' for column in schema.observations.columns)
    connection.exec_driver_sql(f"INSERT INTO observations ({names}) SELECT {names} FROM staging")
    connection.exec_driver_sql("TRUNCATE staging")


def measure(plain_url: str, store_url: str, patients: int) -> dict[str, float]:
    totals: dict[str, float] = {}
    batch = 100  # patients per transaction, on both sides
    with Store.open(plain_url) as plain, Store.open(store_url) as store:
        if "postgresql" in plain_url:
            with engine.writing(plain._engine, plain._place) as connection:
                connection.exec_driver_sql("CREATE UNLOGGED TABLE staging (LIKE observations)")
        for first in range(0, patients, batch):
            numbers = range(first, min(first + batch, patients))
            derived = {f"P{number:06d}": patient(number) for number in numbers}
            with timed(totals, "rows from records"):
                rows = [
                    observation_row(item, encode(item), 1) for found in derived.values() for item in found.observations
                ]
            with timed(totals, "plain"), engine.writing(plain._engine, plain._place) as connection:
                plain_insert(connection, rows)
            del rows
            for name in ("store", "again"):
                with timed(totals, name), engine.writing(store._engine, store._place) as connection:
                    change = Change(connection, "benchmark")
                    for who, found in derived.items():
                        entry = change.entry_for(who, "derive")
                        write_normalized(connection, entry, who, found)
                        change.discard_if_empty(entry)
                    change.write()
        with engine.writing(store._engine, store._place) as connection:
            info = [patient_row(PatientInfo(f"P{number:06d}"), ()) for number in range(patients)]
            insert_many(connection, schema.patients, info)
            _state(connection, patients)
        totals["bytes per observation"] = store.info().size / (patients * PER_PATIENT)
        times = []
        for number in range(0, patients, max(1, patients // 50)):
            start = time.perf_counter()
            assert len(store.patient_records(f"P{number:06d}").observations) == PER_PATIENT
            times.append(time.perf_counter() - start)
        totals["reading one patient"] = statistics.median(times)
    return totals


def _state(connection: Connection, patients: int) -> None:
    """Every patient is stated, so that it can be read."""
    rows = [
        ("patient", f"P{n:06d}", f"P{n:06d}", encode(replace(PatientInfo("x"), patient=f"P{n:06d}")), 1)
        for n in range(patients)
    ]
    insert_many(connection, schema.statements, rows, columns=("kind", "patient", "name", "payload", "since"))


def report(title: str, totals: dict[str, float], count: int) -> None:
    made = totals["rows from records"]
    print(f"{title}: {count:,} observations")
    print(f"  rows from records      {made:8.1f} s")
    print(f"  plain insert           {totals['plain']:8.1f} s  {count / totals['plain']:,.0f} rows/s")
    print(f"  store, first time      {totals['store']:8.1f} s  {count / totals['store']:,.0f} rows/s")
    print(f"  store, once more       {totals['again']:8.1f} s  {count / totals['again']:,.0f} rows/s")
    print(f"  store / (rows + plain) {totals['store'] / (made + totals['plain']):8.2f}    (target 1.5)")
    print(
        f"  reading one patient    {totals['reading one patient'] * 1000:8.1f} ms ({PER_PATIENT} observations; target 100)"
    )
    print(
        f"  size                   {totals['bytes per observation']:8.0f} bytes per observation, indexes and audit included"
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
        report("PostgreSQL", measure(*arguments.postgres, patients), patients * PER_PATIENT)


if __name__ == "__main__":
    main()
