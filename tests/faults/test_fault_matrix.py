"""Fault × command × database: afterwards the store is as before or complete, verifies clean, and the same command completes it.

kill -9                  while a patient is derived, while rows are written, before the commit, between two files of a batch
worker death             of the processes that read a batch
clock going backwards    by ten years
power loss               SQLite: the files as they are in the middle; PostgreSQL: a crash of the server
PostgreSQL restart       in the middle of a transaction
full disk                SQLite: no file may grow; PostgreSQL: a table space on a small file system, and the server's words
unreadable, read-only    a file of a batch; the folder of the database
network file system      warned of
"""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import faulty
import pytest
from here import run_here

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

COMMANDS = {
    "ingest": ("ingest", "second.csv"),
    "ingest-replace": ("ingest", "better.csv", "--replace"),
    "ingest-manifest": ("ingest", "--manifest", "manifest.csv"),
    "sample-set": ("sample", "set", "P1", "S1", "--tissue", "BM"),
    "event-add": ("event", "add", "P1", "treatment", "7+3", "--date", "2021-05-20"),
    "assay-add": ("assay", "add", "assays.yaml"),
    "patient-delete": ("patient", "delete", "P1", "--yes"),
}

SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize(
    "store_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def connected(url):
    import psycopg

    return psycopg.connect(url, autocommit=True)


def completes(begun, state, arguments) -> None:
    """The same command ends well, once, and leaves a sound store."""
    run_here(begun, *arguments)
    assert state().problems == ()


# --- kill -9 ----------------------------------------------------------------------------------------------------------

KILLS = [
    (fault, command)
    for fault in ("kill_while_deriving", "kill_while_writing", "kill_before_commit")
    for command in COMMANDS
]
KILLS.remove(("kill_while_deriving", "patient-delete"))  # deleting derives nothing
KILLS.remove(("kill_while_writing", "patient-delete"))  # nor does it write any row but the audit's
KILLS.remove(("kill_while_deriving", "assay-add"))  # no patient uses the assay yet


@pytest.mark.parametrize(("fault", "command"), KILLS)
def test_a_killed_command_leaves_nothing_half_done(moltrack, begun, state, fault, command):
    before = state()
    done = moltrack(fault, *COMMANDS[command])
    assert (done.status, done.err) == (-signal.SIGKILL, "")
    assert state() == before
    assert state().problems == ()
    completes(begun, state, COMMANDS[command])
    assert state().head != before.head


def test_a_killed_batch_is_complete_up_to_a_file_and_then_resumed(moltrack, begun, state):
    before = state()
    assert moltrack("kill_after_two_files", *COMMANDS["ingest-manifest"]).status == -signal.SIGKILL
    between = state()
    assert between.problems == ()
    assert between != before
    resumed = moltrack("", *COMMANDS["ingest-manifest"])
    assert (resumed.status, resumed.out) == (0, "6 files: 4 landed, 2 unchanged.\n")
    assert state().problems == ()


@SQLITE
def test_what_a_fault_leaves_is_readable_by_its_owner_alone(moltrack, begun, files):
    old = os.umask(0)
    try:
        moltrack("kill_before_commit", *COMMANDS["ingest"])
    finally:
        os.umask(old)
    for file in files.glob("moltrack.db*"):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file.name


# --- worker death -----------------------------------------------------------------------------------------------------


def test_a_batch_whose_workers_die_is_told_and_then_resumed(moltrack, begun, state):
    done = moltrack("killed_workers", *COMMANDS["ingest-manifest"], "--jobs", 2)
    assert (done.status, done.err) == (
        1,
        "Error: a reading process died. Start the same command again: what has landed is found unchanged.\n",
    )
    assert state().problems == ()
    completes(begun, state, COMMANDS["ingest-manifest"])
    assert moltrack("", *COMMANDS["ingest-manifest"]).out == "6 files: 6 unchanged.\n"


# --- clock ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["ingest", "ingest-replace", "event-add"])
def test_a_clock_that_went_back_changes_nothing_but_stamps(moltrack, begun, state, command):
    done = moltrack("clock_set_back", *COMMANDS[command])
    assert done.status == 0, done.err
    after = state()
    assert after.problems == ()
    run_here(begun, "ingest", "better.csv" if command == "ingest-replace" else "first.csv")
    assert state() == after


# --- power loss, restart ----------------------------------------------------------------------------------------------


@SQLITE
@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in {"patient-delete", "assay-add"}])
def test_a_copy_taken_in_the_middle_is_the_store_before(moltrack, begun, state, files, command):
    before = state()
    done = moltrack("copied_while_deriving", *COMMANDS[command][: 3 if command == "ingest-manifest" else None])
    assert done.status == 0, done.err
    copy = state(str(files / "copies" / "moltrack.db"))
    assert copy.problems == ()
    if command != "ingest-manifest":  # its copy is of the last file's transaction
        assert copy == before


@POSTGRESQL
@pytest.mark.parametrize("command", COMMANDS)
def test_a_crash_of_the_server_is_survived_or_told(moltrack, begun, state, postgres_server, monkeypatch, command):
    """Files are known by their content and tried again; what a person states is undone and told."""
    before = state()
    monkeypatch.setattr(faulty, "SERVER", postgres_server)
    done = moltrack("restarted_server", *COMMANDS[command])
    if "ingest" in command:
        assert (done.status, done.err) == (0, "")
        after = state()
        assert after != before
        run_here(begun, *COMMANDS[command])
        assert state() == after
    else:
        assert done.status == 1
        assert "does not answer" in done.err
        assert state() == before
        completes(begun, state, COMMANDS[command])
    assert state().problems == ()


# --- full disk --------------------------------------------------------------------------------------------------------


@SQLITE
@pytest.mark.parametrize("command", ["ingest", "ingest-manifest", "sample-set", "patient-delete"])
def test_a_full_disk_changes_nothing(moltrack, begun, state, command):
    before = state()
    done = moltrack("full_disk", *COMMANDS[command])
    told = done.out + done.err
    assert done.status == 1
    assert "disk is full" in told or "disk I/O error" in told
    assert "Traceback" not in told
    assert state() == before
    assert state().problems == ()
    completes(begun, state, COMMANDS[command])


@pytest.fixture
def small_disk(postgres_server):
    """A file system of 16 MB for a table space; mounting takes root's rights."""
    with tempfile.TemporaryDirectory(prefix="moltrack-small-") as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True)
        if mounted.returncode:
            pytest.skip("a small file system cannot be mounted here")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


@POSTGRESQL
@pytest.mark.parametrize("command", ["ingest", "ingest-manifest", "sample-set"])
def test_a_full_disk_of_the_server_changes_nothing(
    moltrack, postgres_server, small_disk, files, state, monkeypatch, command
):
    monkeypatch.chdir(files)
    head = "#moltrack: measurements\npatient,sample,name,kind,quantity,value,unit\n"
    for name, sample in (("first.csv", "S1"), ("second.csv", "S2"), ("f0.csv", "S3")):
        # More rows than what is left of the tables' last pages can take.
        rows = [f"P1,{sample},CD{number},antigen,cell_fraction,1,%\n" for number in range(200)]
        Path(name).write_text(head + "".join(rows))
    Path("manifest.csv").write_text("path\nf0.csv\n")
    url, drop = postgres_server.database_on(small_disk)
    try:
        run_here(url, "ingest", "first.csv")
        before = state(url)
        with connected(url) as connection:
            connection.execute("CHECKPOINT")
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        done = moltrack("", *COMMANDS[command], url=url)
        assert done.status == 1
        assert "cannot grow: the disk is full. Make room" in done.out + done.err
        filler.unlink()
        assert state(url) == before
        run_here(url, *COMMANDS[command])
        assert state(url).problems == ()
    finally:
        drop()


@POSTGRESQL
@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_says_its_disk_is_full_changes_nothing(moltrack, begun, state, command):
    """The server's own words (SQLSTATE 53100), raised where the audit row is written: everywhere, without a small disk."""
    before = state()
    with connected(begun) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100',"
            " MESSAGE = 'could not extend file \"base/16384/16385\": No space left on device'; END $$"
        )
        connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION full_disk()")
        done = moltrack("", *COMMANDS[command])
        connection.execute("DROP TRIGGER full_disk ON audit")
    assert done.status == 1
    assert "cannot grow: the disk is full. Make room" in done.out + done.err
    assert state() == before
    completes(begun, state, COMMANDS[command])


# --- rights, network --------------------------------------------------------------------------------------------------


@SQLITE
@pytest.mark.parametrize("command", COMMANDS)
def test_a_read_only_folder_is_told_and_can_be_read(moltrack, begun, state, files, command):
    before = state()
    folder = files / "kept"
    folder.mkdir()
    (files / "moltrack.db").rename(folder / "moltrack.db")
    (folder / "moltrack.db").chmod(0o400)
    folder.chmod(0o500)
    try:
        done = moltrack("without_privileges", *COMMANDS[command], url=str(folder / "moltrack.db"))
        listed = moltrack("without_privileges", "patient", "list", "--format", "csv", url=str(folder / "moltrack.db"))
    finally:
        folder.chmod(0o700)
        (folder / "moltrack.db").chmod(0o600)
    told = done.out + done.err
    assert done.status == 1
    assert "is read-only" in told
    assert "Traceback" not in told
    assert (listed.status, "P1" in listed.out) == (0, True)
    assert state(str(folder / "moltrack.db")) == before


@SQLITE
@pytest.mark.parametrize("command", ["ingest", "ingest-manifest"])
def test_an_unreadable_file_is_told(moltrack, begun, state, files, command):
    before = state()
    for name in ("second.csv", "f3.csv"):
        (files / name).chmod(0)
    done = moltrack("without_privileges", *COMMANDS[command])
    told = done.out + done.err
    assert "cannot be read (Permission denied)" in told
    assert "Traceback" not in told
    assert done.status == (1 if command == "ingest" else 3)
    assert (state() == before) is (command == "ingest")
    for name in ("second.csv", "f3.csv"):
        (files / name).chmod(0o600)
    completes(begun, state, COMMANDS[command])


@SQLITE
@pytest.mark.parametrize("command", COMMANDS)
def test_a_network_file_system_is_warned_of(moltrack, begun, state, command):
    done = moltrack("on_a_network", *COMMANDS[command])
    assert done.status == 0
    assert "lies on a network file system (nfs), where SQLite cannot rely on locks" in done.err
    assert state().problems == ()
