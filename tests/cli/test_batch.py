"""``moltrack ingest --manifest``: many files, workers, faults, starting again."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

MEASUREMENTS = "#moltrack: measurements\npatient,sample,name,kind,quantity,value,unit\n"


@pytest.fixture
def batch(tmp_path):
    """Write ``count`` small files of some patients and a manifest of them; returns the manifest."""

    def _batch(count: int, *more: str, patients: int = 3) -> Path:
        rows = []
        for number in range(count):
            name = f"f{number:03d}.csv"
            patient, sample = f"P{number % patients}", f"S{number // patients}"
            (tmp_path / name).write_text(
                f"{MEASUREMENTS}{patient},{sample},MFC-MRD,flow,cell_fraction,{number % 90},%\n"
            )
            rows.append(f"{name},2021-01-{number // patients % 28 + 1:02d}")
        manifest = tmp_path / "manifest.csv"
        manifest.write_text("\n".join(["path,label", *rows, *more]) + "\n")
        return manifest

    return _batch


def process(db: Path, *arguments: object, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "moltrack", "--db", str(db), *map(str, arguments)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


def test_every_file_lands_and_the_summary_counts_them(run, batch, dump):
    manifest = batch(6)
    first = run("ingest", "--manifest", manifest)
    assert (first.status, first.out, first.err) == (0, "6 files: 6 landed.\n", "")
    before = dump()
    second = run("ingest", "--manifest", manifest)
    assert (second.status, second.out) == (0, "6 files: 6 unchanged.\n")
    assert dump() == before


def test_a_bad_file_is_reported_as_a_table_and_the_others_land(run, batch, tmp_path):
    (tmp_path / "note.txt").write_text("Dear colleague,\n")
    result = run("ingest", "--manifest", batch(3, "gone.csv,", "note.txt,"))
    assert (result.status, result.err) == (3, "")
    lines = result.out.splitlines()
    assert lines[:3] == ["5 files: 2 failed, 3 landed.", "Failed", "row  file      reason"]
    assert lines[4] == "5    gone.csv  gone.csv: does not exist."
    assert lines[5].startswith("6    note.txt  note.txt: is not a file that moltrack knows. See 'moltrack formats'")
    assert run("patient", "list", "--format", "csv").out.count("\nP") == 3


def test_nothing_landed_is_status_one(run, write):
    result = run("ingest", "--manifest", write("m.csv", "path", "gone.csv", "lost.csv"))
    assert (result.status, result.out.splitlines()[0]) == (1, "2 files: 2 failed.")


def test_a_file_that_contradicts_an_earlier_one_fails_whoever_reads_it(run, write, tmp_path):
    head = "patient,sample,date"
    write("a.csv", head, "P1,S1,2021-05-12")
    write("b.csv", head, "P1,S1,2021-05-13")
    manifest = write("m.csv", "path", "a.csv", "b.csv")
    for jobs in (1, 2):
        result = run("--db", tmp_path / f"{jobs}.db", "ingest", "--manifest", manifest, "--jobs", jobs)
        assert (result.status, result.out.splitlines()[0]) == (3, "2 files: 1 failed, 1 landed.")
        assert result.out.splitlines()[-1].startswith("3    b.csv")


def test_a_line_of_json_per_file(run, batch):
    result = run("ingest", "--manifest", batch(2, "gone.csv,"), "--format", "json")
    assert (result.status, result.err) == (3, "")
    first, second, gone = map(json.loads, result.out.splitlines())
    assert (first["status"], first["runs"][0]["patient"], first["runs"][0]["calls"]) == ("landed", "P0", 1)
    assert (first["format"], len(first["sha256"]), first["refused"], first["messages"]) == ("measurements", 64, [], [])
    assert Path(second["path"]).name == "f001.csv"
    assert (gone["status"], gone["error"], gone["runs"]) == ("failed", "gone.csv: does not exist.", [])


def test_a_row_that_cannot_be_used_is_named(run, write):
    columns = "Hugo_Symbol\tChromosome\tStart_Position\tEnd_Position\tReference_Allele\tTumor_Seq_Allele2\tTumor_Sample_Barcode\tNCBI_Build\tt_alt_count\tt_ref_count"
    write(
        "a.maf",
        columns,
        "FLT3\t13\t28018505\t28018505\tC\tA\tS1\tGRCh38\t10\t90",
        "FLT3\t13\twhere\t28018505\tC\tA\tS1\tGRCh38\t10\t90",
    )
    result = run("ingest", "--manifest", write("m.csv", "path,patient,sample", "a.maf,P1,S1"))
    said = result.out + result.err
    assert "a.maf:3" in said


def test_the_bar_is_for_a_terminal_only(batch, tmp_path):
    manifest = batch(3)
    quiet = process(tmp_path / "a.db", "ingest", "--manifest", manifest)
    assert quiet.communicate() == ("3 files: 3 landed.\n", "")
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "moltrack", "--db", tmp_path / "b.db", "ingest", "--manifest", manifest]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, env={**os.environ, "TERM": "xterm"}) as shown:
        os.close(slave)
        assert shown.stdout is not None
        out = shown.stdout.read()
    assert (shown.returncode, out) == (0, b"3 files: 3 landed.\n")
    assert b"3/3" in os.read(master, 100_000)
    os.close(master)


# --- workers ----------------------------------------------------------------------------------------------------------


def test_two_processes_give_the_same_store_as_one(run, batch, tmp_path):
    manifest = batch(40, "gone.csv,")
    dumps = []
    for jobs in (1, 2):
        db = tmp_path / f"jobs{jobs}.db"
        result = run("--db", db, "ingest", "--manifest", manifest, "--jobs", jobs)
        assert (result.status, result.out.splitlines()[0]) == (3, "41 files: 1 failed, 40 landed.")
        dumps.append(run("--db", db, "db", "dump").out)
        assert run("--db", db, "verify").status == 0
    assert dumps[0] == dumps[1] != ""


def test_the_installed_program_reads_with_two_processes(batch, tmp_path):
    program = Path(sys.executable).parent / "moltrack"
    if not program.exists():
        pytest.skip("moltrack is not installed beside this Python")
    command = [program, "--db", tmp_path / "a.db", "ingest", "--manifest", batch(10), "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "10 files: 10 landed.\n", "")


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as found:
        yield found


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_dask_cluster_gives_the_same_store_as_one_process(run, batch, tmp_path, cluster):
    manifest = batch(40, "gone.csv,")
    dumps = []
    for name, options in (("alone", ()), ("dask", ("--dask", cluster.scheduler_address))):
        db = tmp_path / f"{name}.db"
        result = run("--db", db, "ingest", "--manifest", manifest, *options)
        assert (result.status, result.out.splitlines()[0]) == (3, "41 files: 1 failed, 40 landed."), result
        dumps.append(run("--db", db, "db", "dump").out)
    assert dumps[0] == dumps[1] != ""


def test_no_scheduler_is_told_in_one_sentence(run, batch):
    result = run("ingest", "--manifest", batch(1), "--dask", "tcp://127.0.0.1:9")
    assert (result.status, result.err) == (1, "Error: no Dask scheduler answers at tcp://127.0.0.1:9.\n")


def children(pid: int) -> list[int]:
    """Processes that this one started to read files."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the worker by /proc")
def test_a_dead_worker_is_told_in_one_sentence_and_the_same_command_completes(run, batch, tmp_path):
    manifest = batch(400, patients=100)
    with process(tmp_path / "test.db", "ingest", "--manifest", manifest, "--jobs", 2, "--format", "json") as started:
        assert json.loads(started.stdout.readline())["status"] == "landed"
        os.kill(children(started.pid)[0], signal.SIGKILL)
        out, err = started.communicate(timeout=120)
    assert (started.returncode, {json.loads(line)["status"] for line in out.splitlines()}) == (1, {"landed"})
    assert err == "Error: a reading process died. Start the same command again: what has landed is found unchanged.\n"
    assert run("verify").status == 0
    again = run("ingest", "--manifest", manifest)
    assert (again.status, again.out.startswith("400 files: ")) == (0, True)
    assert run("verify").status == 0


# --- killed and started again -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("after", [1, 7])
def test_killed_and_started_again_gives_the_store_of_one_clean_run(run, batch, tmp_path, jobs, after):
    manifest = batch(60, patients=6)
    started = process(
        tmp_path / "test.db",
        "ingest",
        "--manifest",
        manifest,
        "--format",
        "json",
        "--jobs",
        jobs,
        start_new_session=True,
    )
    for _ in range(after):
        assert json.loads(started.stdout.readline())["status"] == "landed"
    os.killpg(started.pid, signal.SIGKILL)
    started.communicate()
    assert run("verify").status == 0
    again = run("ingest", "--manifest", manifest, "--format", "json", "--jobs", jobs)
    statuses = [json.loads(line)["status"] for line in again.out.splitlines()]
    assert (again.status, len(statuses), set(statuses)) == (0, 60, {"landed", "unchanged"})
    assert statuses.count("unchanged") >= after
    assert run("verify").status == 0
    clean = tmp_path / "clean.db"
    assert run("--db", clean, "ingest", "--manifest", manifest).status == 0
    assert run("db", "dump").out == run("--db", clean, "db", "dump").out


def test_options_of_one_sample_do_not_go_with_a_manifest(run, batch):
    result = run("ingest", "--manifest", batch(1), "--patient", "P1")
    assert (result.status, "--patient does not go with --manifest" in result.err) == (2, True)


def test_max_bytes_holds_for_every_file(run, batch, tmp_path):
    (tmp_path / "large.csv").write_text(MEASUREMENTS + "P1,S1,MFC-MRD,flow,cell_fraction,1,%\n" * 200)
    result = run("ingest", "--manifest", batch(1, "large.csv,"), "--max-bytes", "2000")
    assert result.status == 3
    assert "large.csv: holds more than 2,000 bytes. Raise the limit (--max-bytes) if this is right." in result.out


def test_a_decompression_bomb_is_refused(run, write, tmp_path):
    import gzip

    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress((MEASUREMENTS + " " * 3_000_000).encode()))
    result = run("ingest", bomb, "--max-bytes", "1000000")
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("Error: bomb.csv.gz: unpacks to more than 1,000,000 bytes.")


def test_the_documented_nextflow_script_runs_as_nextflow_runs_it(write, tmp_path):
    """Staged input, ``bash -ue`` in the task's folder; once more for ``-resume``."""
    program = Path(sys.executable).parent / "moltrack"
    if not program.exists():
        pytest.skip("moltrack is not installed beside this Python")
    text = (Path(__file__).parents[2] / "docs" / "pipelines.md").read_text(encoding="utf-8")
    script = text.split('script:\n    """\n')[1].split('"""')[0].replace("\\\\\n", "\\\n")
    values = {"meta.id": "S1", "meta.patient": "P1", "meta.date": "2021-05-12", "meta.tissue": "BM", "vcf": "s1.vcf"}
    for name, value in {**values, "params.moltrack_db": str(tmp_path / "test.db")}.items():
        script = script.replace(f"${{{name}}}", value)
    header = '##fileformat=VCFv4.2\n##reference=GRCh38\n##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">'
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1"
    called = write("called.vcf", header, columns, "chr13\t28018505\t.\tC\tA\t.\tPASS\t.\tAD\t90,10")
    statuses = []
    for task in ("a", "b"):
        folder = tmp_path / task
        folder.mkdir()
        (folder / "s1.vcf").symlink_to(called)
        environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
        subprocess.run(["bash", "-ue", "-c", script], cwd=folder, env=environment, check=True, capture_output=True)
        statuses.append(json.loads((folder / "S1.landed.json").read_text())["status"])
    assert statuses == ["landed", "unchanged"]
