"""2,000 small runs landed by 8 processes at once against one process: runs per second, and that all landed exactly once.

Run: ``python benchmarks/store_processes.py [--runs N] [--processes N] [--postgres URL URL URL]`` (three empty databases)

20 runs to a patient. "Any order" is how the samples of a cohort come out of a pipeline; "same patient" is the worst case, in
which all processes write to one patient at a time, who has to be derived anew after each run. The CPU time is that of all processes
together, the database server's left out.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Sequence
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


def land(url: str, numbers: Sequence[int]) -> None:
    with Store.open(url) as store:
        for number in numbers:
            assert store.land(landing(number), normalize).status == "landed"


def measure(url: str, order: Sequence[int], processes: int) -> tuple[float, float]:
    """Seconds until all have landed, and CPU seconds of the processes."""
    Store.open(url).close()
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=land, args=(url, order[n::processes])) for n in range(processes)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    for child in children:
        child.start()
    for child in children:
        child.join()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert [child.exitcode for child in children] == [0] * processes
    with Store.open(url) as store:
        info, result = store.info(), store.verify()
        assert (info.runs, info.calls, info.audit_rows) == (len(order), 3 * len(order), len(order)), info
        assert result.ok, result.problems
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description="Time many processes on one database.")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--postgres", nargs=3, metavar="URL", help="three empty PostgreSQL databases")
    arguments = parser.parse_args()
    in_turn = range(arguments.runs)
    any_order = random.Random(1).sample(in_turn, arguments.runs)
    many = arguments.processes
    with tempfile.TemporaryDirectory() as folder:
        # Reference tables are loaded before the clock starts, and inherited by the children.
        land(str(Path(folder) / "first.db"), range(1))
        places = [("SQLite", [str(Path(folder) / f"{number}.db") for number in range(3)])]
        if arguments.postgres:
            places.append(("PostgreSQL", arguments.postgres))
        for name, urls in places:
            alone = 0.0
            ways = ((1, "any order", any_order), (many, "any order", any_order), (many, "same patient", in_turn))
            for url, (processes, title, order) in zip(urls, ways, strict=True):
                seconds, cpu = measure(url, order, processes)
                alone = alone or seconds
                print(
                    f"{name}: {processes} process{'es' if processes > 1 else ''}, {title}: {len(order) / seconds:,.0f} runs/s "
                    f"({alone / seconds:.2f} of one process), {cpu * 1000 / len(order):.1f} ms CPU per run",
                    flush=True,
                )


if __name__ == "__main__":
    main()
