"""Fault × command × database: afterwards the store is as before or complete, verifies clean, and the same command completes it."""

from __future__ import annotations

import os
import signal
import stat

import pytest
from here import run_here

COMMANDS = {
    "ingest": ("ingest", "second.csv"),
    "ingest-replace": ("ingest", "better.csv", "--replace"),
    "ingest-manifest": ("ingest", "--manifest", "manifest.csv"),
    "sample-set": ("sample", "set", "P1", "S1", "--tissue", "BM"),
    "event-add": ("event", "add", "P1", "treatment", "7+3", "--date", "2021-05-20"),
    "assay-add": ("assay", "add", "assays.yaml"),
    "patient-delete": ("patient", "delete", "P1", "--yes"),
}

CASES = [(fault, command) for fault in ("kill_while_deriving", "kill_before_commit") for command in COMMANDS]
CASES.remove(("kill_while_deriving", "patient-delete"))  # deleting derives nothing
CASES.remove(("kill_while_deriving", "assay-add"))  # no patient uses the assay yet


def completes(begun, state, arguments) -> None:
    """The same command ends well, once, and leaves what one clean run leaves."""
    run_here(begun, *arguments)
    assert state().problems == ()


@pytest.mark.parametrize(("fault", "command"), CASES)
def test_a_killed_command_leaves_nothing_half_done(moltrack, begun, state, fault, command):
    before = state()
    done = moltrack(fault, *COMMANDS[command])
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")
    assert state() == before
    assert state().problems == ()
    completes(begun, state, COMMANDS[command])
    assert state().head != before.head


def test_a_killed_manifest_is_complete_up_to_a_file_and_then_resumed(moltrack, begun, state):
    before = state()
    done = moltrack("kill_after_two_files", *COMMANDS["ingest-manifest"])
    assert done.returncode == -signal.SIGKILL
    between = state()
    assert between.problems == ()
    assert between != before
    resumed = moltrack("", *COMMANDS["ingest-manifest"])
    assert (resumed.returncode, resumed.stdout) == (0, "6 files: 4 landed, 2 unchanged.\n")
    assert state().problems == ()


@pytest.mark.parametrize("command", ["ingest", "ingest-replace", "event-add"])
def test_a_clock_that_went_back_changes_nothing_but_stamps(moltrack, begun, state, command):
    done = moltrack("clock_set_back", *COMMANDS[command])
    assert done.returncode == 0, done.stderr
    after = state()
    assert after.problems == ()
    run_here(begun, "ingest", "better.csv" if command == "ingest-replace" else "first.csv")
    assert state() == after


SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@SQLITE
@pytest.mark.parametrize("command", ["ingest", "ingest-manifest", "sample-set", "patient-delete"])
def test_a_full_disk_changes_nothing(moltrack, begun, state, command):
    before = state()
    done = moltrack("full_disk", *COMMANDS[command])
    told = done.stdout + done.stderr
    assert done.returncode == 1
    assert "disk is full" in told or "disk I/O error" in told
    assert "Traceback" not in told
    assert state() == before
    assert state().problems == ()
    completes(begun, state, COMMANDS[command])


@SQLITE
@pytest.mark.parametrize("command", COMMANDS)
def test_a_read_only_folder_is_told_and_can_be_read(moltrack, begun, state, files, command):
    before = state()
    database = files / "moltrack.db"
    folder = files / "kept"
    folder.mkdir()
    database.rename(folder / "moltrack.db")
    (folder / "moltrack.db").chmod(0o400)
    folder.chmod(0o500)
    try:
        done = moltrack("without_privileges", *COMMANDS[command], url=str(folder / "moltrack.db"))
        listed = moltrack("without_privileges", "patient", "list", "--format", "csv", url=str(folder / "moltrack.db"))
    finally:
        folder.chmod(0o700)
        (folder / "moltrack.db").chmod(0o600)
    told = done.stdout + done.stderr
    assert done.returncode == 1
    assert "is read-only" in told
    assert "Traceback" not in told
    assert (listed.returncode, "P1" in listed.stdout) == (0, True)
    assert state(str(folder / "moltrack.db")) == before


@SQLITE
@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in {"patient-delete", "assay-add"}])
def test_a_copy_taken_in_the_middle_is_the_store_before(moltrack, begun, state, files, command):
    before = state()
    done = moltrack("copied_while_deriving", *COMMANDS[command][: 3 if command == "ingest-manifest" else None])
    assert done.returncode == 0, done.stderr
    copy = state(str(files / "copies" / "moltrack.db"))
    assert copy.problems == ()
    if command != "ingest-manifest":  # its copy is of the last file's transaction
        assert copy == before


@SQLITE
@pytest.mark.parametrize("command", ["ingest", "ingest-manifest"])
def test_an_unreadable_file_is_told(moltrack, begun, state, files, command):
    before = state()
    for name in ("second.csv", "f3.csv"):
        (files / name).chmod(0)
    done = moltrack("without_privileges", *COMMANDS[command])
    told = done.stdout + done.stderr
    assert "cannot be read (Permission denied)" in told
    assert "Traceback" not in told
    assert done.returncode == (1 if command == "ingest" else 3)
    assert (state() == before) is (command == "ingest")
    for name in ("second.csv", "f3.csv"):
        (files / name).chmod(0o600)
    completes(begun, state, COMMANDS[command])


@SQLITE
def test_what_a_fault_leaves_is_readable_by_its_owner_alone(moltrack, begun, files):
    old = os.umask(0)
    try:
        moltrack("kill_before_commit", *COMMANDS["ingest"])
    finally:
        os.umask(old)
    for file in files.glob("moltrack.db*"):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file.name
