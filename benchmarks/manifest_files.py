"""Cost per file of ``ingest --manifest`` for 100, 1,000 and 10,000 small files, and what two workers gain on larger ones.

Run: ``python benchmarks/manifest_files.py [--files 100,1000,10000] [--large 40]``

Small files hold one measurement each, 20 to a patient. "Reading" takes the files through the workers without writing; "whole"
lands them in a new SQLite database. Large files are VCFs of 100,000 records along a chromosome, which take longer to read than to hand over.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
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


def large_files(folder: Path, count: int, records: int = 100_000) -> list[Job]:
    head = '##fileformat=VCFv4.2\n##contig=<ID=chr13,length=114364328>\n##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n'
    rows = "".join(f"chr13\t{16000000 + 900 * n}\t.\tC\tA\t.\tPASS\t.\tAD\t{90 + n % 9},10\n" for n in range(records))
    lines = ["path,patient,sample"]
    for number in range(count):
        (folder / f"v{number}.vcf").write_text(
            f"##note={number}\n".join((head[:21], head[21:])) + rows, encoding="utf-8"
        )
        lines.append(f"v{number}.vcf,P{number},S1")
    (folder / "large.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return manifest.read_manifest(folder / "large.csv")


def reading(jobs: Sequence[Job], workers: int, dask: str) -> float:
    """Seconds until every file was read."""
    start = time.perf_counter()
    count = 0
    chunks = manifest.chunked(jobs, workers)
    for prepared in manifest.executor(workers, dask).run(manifest.prepare_chunk, chunks):
        count += sum(item.landing is not None for item in prepared)
    assert count == len(jobs)
    return time.perf_counter() - start


def whole(folder: Path, jobs: Sequence[Job], workers: int, dask: str) -> float:
    """Seconds until every file had landed."""
    with tempfile.TemporaryDirectory(dir=folder) as place, pipeline.open(Path(place) / "store.db") as store:
        start = time.perf_counter()
        assert all(outcome.status == "landed" for outcome in manifest.run(store, jobs, workers=workers, dask=dask))
        return time.perf_counter() - start


def main() -> None:
    """Print both tables."""
    from distributed import LocalCluster

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", default="100,1000,10000")
    parser.add_argument("--large", type=int, default=40)
    chosen = parser.parse_args()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        tempfile.TemporaryDirectory() as place,
    ):
        ways = {"one process": (1, ""), "--jobs 2": (2, ""), "--dask": (2, cluster.scheduler_address)}
        print(f"{'files':>7}  {'way':<12} {'reading':>12} {'whole':>12}   ms per file")
        for count in map(int, chosen.files.split(",")):
            folder = Path(place) / str(count)
            folder.mkdir()
            jobs = small_files(folder, count)
            for name, (workers, address) in ways.items():
                read, landed = reading(jobs, workers, address), whole(folder, jobs, workers, address)
                print(f"{count:>7}  {name:<12} {read * 1000 / count:>12.2f} {landed * 1000 / count:>12.2f}", flush=True)
        jobs = large_files(Path(place), chosen.large)
        alone = reading(jobs, 1, "")
        print(f"\n{chosen.large} VCFs of 100,000 records, reading: one process {alone:.1f} s")
        for name, (workers, address) in list(ways.items())[1:]:
            seconds = reading(jobs, workers, address)
            print(f"  {name}: {seconds:.1f} s, {alone / seconds:.2f} times as fast", flush=True)


if __name__ == "__main__":
    main()
