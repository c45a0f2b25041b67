"""Cost per file of ``ingest --manifest`` for 100, 1,000 and 10,000 small files, and what two workers gain on larger ones.

Run: ``python benchmarks/manifest_files.py [--files 100,1000,10000] [--large 32]``

Small files hold one measurement each, 20 to a patient. Starting the workers is measured with two files and shown apart. "Reading" takes the files through the workers without writing; "whole"
lands them in a new SQLite database. "CPU" is that of this process and of the local workers it started, which does not depend on what
else the machine does; a Dask cluster's is not seen from here. Large files are VCFs of a million records along a chromosome, which take
longer to read than a worker to start.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from moltrack import manifest, pipeline
from moltrack.manifest import Job


def small_files(folder: Path, count: int) -> list[Job]:
    lines = ["path"]
    for number in range(count):
        text = f"#moltrack: measurements\npatient,sample,name,kind,quantity,value,unit\nP{number // 20},S{number % 20},MFC-MRD,flow,cell_fraction,{number % 90},%\n"
        (folder / f"f{number}.csv").write_text(text, encoding="utf-8")
        lines.append(f"f{number}.csv")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return manifest.read_manifest(folder / "manifest.csv")


def large_files(folder: Path, count: int, records: int = 1_000_000) -> list[Job]:
    head = '##fileformat=VCFv4.2\n##contig=<ID=chr13,length=114364328>\n##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n'
    step = 95_000_000 // records
    rows = "".join(f"chr13\t{16000000 + step * n}\t.\tC\tA\t.\tPASS\t.\tAD\t{90 + n % 9},10\n" for n in range(records))
    lines = ["path,patient,sample"]
    (folder / "v0.vcf").write_text(head + rows, encoding="utf-8")
    for number in range(count):
        if number:
            (folder / f"v{number}.vcf").hardlink_to(folder / "v0.vcf")
        lines.append(f"v{number}.vcf,P{number},S1")
    (folder / "large.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return manifest.read_manifest(folder / "large.csv")


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of CPU."""

    wall: float
    cpu: float

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.wall - other.wall, self.cpu - other.cpu)


@contextmanager
def timed(costs: list[Cost]) -> Iterator[None]:
    start, before = time.perf_counter(), _cpu()
    yield
    costs.append(Cost(time.perf_counter() - start, _cpu() - before))


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def reading(jobs: Sequence[Job], workers: int, dask: str) -> Cost:
    """What it takes until every file was read."""
    costs: list[Cost] = []
    with timed(costs):
        chunks = manifest.chunked(jobs, workers)
        prepared = manifest.executor(workers, dask).run(manifest.prepare_chunk, chunks)
        count = sum(item.landing is not None for chunk in prepared for item in chunk)
    assert count == len(jobs)
    return costs[0]


def whole(folder: Path, jobs: Sequence[Job], workers: int, dask: str) -> Cost:
    """What it takes until every file has landed."""
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory(dir=folder) as place, pipeline.open(f"{place}/store.db") as store, timed(costs):
        assert all(outcome.status == "landed" for outcome in manifest.run(store, jobs, workers=workers, dask=dask))
    return costs[0]


def main() -> None:
    """Print both tables."""
    from distributed import LocalCluster

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", default="100,1000,10000")
    parser.add_argument("--large", type=int, default=32)
    chosen = parser.parse_args()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        tempfile.TemporaryDirectory() as place,
    ):
        ways = {"one process": (1, ""), "--jobs 2": (2, ""), "--dask": (2, cluster.scheduler_address)}
        print(
            f"{'files':>7}  {'way':<12} {'reading':>8} {'CPU':>8} {'whole':>8} {'CPU':>8}   ms per file; start-up in s"
        )
        for count in map(int, chosen.files.split(",")):
            folder = Path(place) / str(count)
            folder.mkdir()
            jobs = small_files(folder, count)
            for name, (workers, address) in ways.items():
                first = reading(jobs[:2], workers, address), whole(folder, jobs[:2], workers, address)
                costs = reading(jobs, workers, address) - first[0], whole(folder, jobs, workers, address) - first[1]
                cells = [f"{value * 1000 / (count - 2):8.2f}" for cost in costs for value in (cost.wall, cost.cpu)]
                print(
                    f"{count:>7}  {name:<12} {' '.join(cells)}   {first[0].wall:.1f}, CPU {first[0].cpu:.1f}",
                    flush=True,
                )
        (Path(place) / "small").mkdir()
        small = small_files(Path(place) / "small", 2)
        jobs = large_files(Path(place), chosen.large)
        print(f"\n{chosen.large} VCFs of a million records, reading; 'cores' is CPU by seconds on the clock")
        alone = reading(jobs, 1, "")
        for name, (workers, address) in ways.items():
            start = 0.0 if name == "one process" else reading(small[:2], workers, address).wall
            cost = alone if name == "one process" else reading(jobs, workers, address)
            cores = "" if address else f", {cost.cpu / cost.wall:.2f} cores"
            gain, started = alone.wall / cost.wall, alone.wall / (cost.wall - start)
            print(
                f"  {name}: {cost.wall:.1f} s, {gain:.2f} times one process ({started:.2f} once started){cores}",
                flush=True,
            )


if __name__ == "__main__":
    main()
