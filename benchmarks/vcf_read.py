"""Reading and ingest of a large VCF, measured against bcftools on the same file in the same run.

    python benchmarks/make_vcf.py big.vcf.gz --records 1000000 --index
    python benchmarks/vcf_read.py big.vcf.gz

Prints the time of ``bcftools query`` over every record (position, alleles, filter, AD, DP, CSQ), of moltrack's reading without
an index in a process of its own, their ratio, the peak memory, and, where an index lies beside the file, the time through it
and whether the records are those of ``bcftools view -R``. Then the whole ``moltrack ingest``, up to the committed store, without
and with the index, and how much that is above ``moltrack table`` on an empty store. The least of all repeats counts.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from moltrack.store import Store

QUERY = r"%CHROM\t%POS\t%REF\t%ALT\t%FILTER\t%INFO/DP\t%INFO/CSQ[\t%AD\t%DP]\n"
READ = """
import sys
from pathlib import Path
from moltrack.formats import ReadOptions
from moltrack.formats.variants.vcf import read_vcf
for record in read_vcf(Path(sys.argv[1]), ReadOptions()):
    chrom = getattr(record, "chrom", "") or getattr(getattr(record, "finding", None), "chrom", "")
    pos = getattr(getattr(record, "finding", None), "pos", None) or (getattr(record, "start", -1) or -1) + 1
    if chrom:
        print(chrom, pos)
"""


def timed(command: list[str], output: Path, *, status: int = 0) -> tuple[float, int]:
    """Wall time in seconds and peak memory in MB of a command that ends with that status, its output written to a file."""
    start = time.perf_counter()
    with output.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.DEVNULL if status else None)
        _, ended, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(ended) != status:
        raise SystemExit(f"{command[0]} failed")
    return time.perf_counter() - start, usage.ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    path: Path = options.path
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        plain = Path(folder) / path.name
        plain.symlink_to(path.resolve())  # without the index that may lie beside the file
        reading = [sys.executable, "-c", READ]
        query, read = [], []
        for _ in range(options.repeat):
            query.append(timed(["bcftools", "query", "-f", QUERY, str(path)], out)[0])
            seconds, memory = timed([*reading, str(plain)], out)
            read.append(seconds)
        print(f"bcftools query, every record     {min(query):6.2f} s")
        print(f"moltrack, no index, whole run    {min(read):6.2f} s   ratio {min(read) / min(query):.2f}   {memory} MB")
        unindexed = sorted(out.read_text().split("\n"))
        if path.with_name(path.name + ".tbi").exists():
            seconds, memory = min(timed([*reading, str(path)], out) for _ in range(options.repeat))
            print(f"moltrack, index, whole run       {seconds:6.2f} s   {memory} MB")
            indexed = sorted(out.read_text().split("\n"))
            print(
                f"same records without the index: {indexed == unindexed}; as bcftools view -R: {indexed == by_bcftools(path, Path(folder))}"
            )
        ingest(path, plain, Path(folder), min(query), options.repeat)
    print(f"(this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB)")


def ingest(path: Path, plain: Path, folder: Path, query: float, repeat: int) -> None:
    """Time whole commands: ``table`` on an empty store, and ``ingest`` of the file into one, without and with its index."""
    empty, store, out = folder / "empty.db", folder / "store.db", folder / "out"
    moltrack = str(Path(sys.executable).with_name("moltrack"))
    with Store.open(empty):
        pass
    about = ["--patient", "P1", "--sample", "S1", "--date", "2024-01-01", "--tissue", "BM", "--tumor-sample", "TUMOR"]
    files = {"no index": plain} | ({"index": path} if path.with_name(path.name + ".tbi").exists() else {})
    table: list[float] = []
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in files}
    for _ in range(2 * repeat):
        table.append(timed([moltrack, "--db", str(empty), "table", "P1"], out, status=1)[0])  # there is no such patient
        for name, file in files.items():
            shutil.copy(empty, store)
            found[name].append(timed([moltrack, "--db", str(store), "ingest", str(file), *about], out))
            store.unlink()
    print(f"moltrack table, empty store      {min(table):6.2f} s")
    for name, runs in found.items():
        seconds, memory = min(runs)
        print(
            f"{'moltrack ingest, ' + name:32s} {seconds:6.2f} s   {memory} MB   {seconds - min(table):.2f} s above table   "
            f"ratio to bcftools query {seconds / query:.2f}"
        )


def by_bcftools(path: Path, folder: Path) -> list[str]:
    """Chromosome and position of the records that ``bcftools view -R`` gives for the myeloid genes, sorted."""
    from moltrack import resources
    from moltrack.formats.variants.selection import PADDING

    bed = folder / "genes.bed"
    regions = resources.gene_regions(resources.gene_set("myeloid"), "GRCh38", padding=PADDING)
    bed.write_text("".join(f"chr{chrom}\t{start}\t{end}\n" for chrom, start, end, _ in regions))
    view = subprocess.run(
        ["bcftools", "view", "-H", "-R", str(bed), str(path)], capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
    lines = {line.split("\t", 2)[0].removeprefix("chr") + " " + line.split("\t", 2)[1] for line in view.splitlines()}
    return sorted(["", *lines])


if __name__ == "__main__":
    main()
