"""2,000 small runs landed by 8 processes at once against one process: runs per second, and that all landed exactly once.

Run: ``python benchmarks/store_processes.py [--runs N] [--processes N] [--postgres URL URL]`` (two empty databases)
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from moltrack.model import (
    Call,
    Landing,
    PatientInfo,
    Printed,
    Run,
    RunRecords,
    SampleInfo,
    SmallVariant,
    Source,
    Technique,
    Time,
)
from moltrack.normalize import normalize
from moltrack.store import Store


def landing(number: int) -> Landing:
    """Three variants in one sample; 20 samples to a patient."""
    patient, sample = f"P{number // 20:04d}", f"S{number % 20:02d}"
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    calls = tuple(
        Call(SmallVariant("GRCh38", chrom, pos, "C", "T", gene=gene), line, levels=(Printed("vaf", Decimal(number % 90 + 1), "%", f"{number % 90 + 1} %"),))
        for line, (chrom, pos, gene) in enumerate([("13", 28018505, "FLT3"), ("2", 208248388, "IDH1"), ("17", 7674220, "TP53")], start=10)
    )  # fmt: skip
    run = Run(
        patient,
        sample,
        "mutect2",
        technique=Technique.DNA_SEQUENCING,
        build="GRCh38",
        file=f"{number}.vcf",
        sha256=sha256,
    )
    return Landing(
        Source(sha256, f"{number}.vcf", "vcf", "{}"),
        (PatientInfo(patient),),
        (SampleInfo(patient, sample, Time(order=number % 20 + 1)),),
        runs=(RunRecords(run, calls),),
    )


def land(url: str, numbers: range) -> None:
    with Store.open(url) as store:
        for number in numbers:
            assert store.land(landing(number), normalize).status == "landed"


def measure(url: str, runs: int, processes: int) -> float:
    """Seconds until all have landed."""
    Store.open(url).close()
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=land, args=(url, range(n, runs, processes))) for n in range(processes)]
    start = time.perf_counter()
    for child in children:
        child.start()
    for child in children:
        child.join()
    seconds = time.perf_counter() - start
    with Store.open(url) as store:
        info, result = store.info(), store.verify()
        assert (info.runs, info.calls, info.audit_rows) == (runs, 3 * runs, runs), info
        assert result.ok, result.problems
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Time many processes on one database.")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--postgres", nargs=2, metavar="URL", help="two empty PostgreSQL databases")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Reference tables are loaded before the clock starts, and inherited by the children.
        land(str(Path(folder) / "first.db"), range(1))
        places = [("SQLite", str(Path(folder) / "one.db"), str(Path(folder) / "many.db"))]
        if arguments.postgres:
            places.append(("PostgreSQL", *arguments.postgres))
        for name, one, many in places:
            for url, processes in ((one, 1), (many, arguments.processes)):
                seconds = measure(url, arguments.runs, processes)
                print(
                    f"{name}: {processes} process{'es' if processes > 1 else ''}: {arguments.runs / seconds:,.0f} runs/s"
                )


if __name__ == "__main__":
    main()
