"""Faults: after each the store is as before or complete, verifies clean, and the same command completes it.

Processes are killed with SIGKILL inside the transaction: while a patient is being derived, and when everything is written
and only the commit is missing.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
from dataclasses import replace

import pytest

from moltrack.errors import StoreError
from moltrack.model import Event, EventType, Override, OverrideAction, PatientInfo, SampleInfo, Time, Tissue
from moltrack.store import Store
from moltrack.store.audit import Change

# Python 3.12 and later warn of forking a process with threads; the children here only use the store and die.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

VOID = Override(OverrideAction.VOID, "P01", "S1/mutect2/NPM1", "", "wrong slide", "kim")
TREATMENT = Event(EventType.TREATMENT, "7+3", Time.on("2021-05-20"), patient="P01")


def better(derive):
    def derived(inputs):
        found = derive(inputs)
        return replace(found, observations=tuple(replace(item, formula="better") for item in found.observations))

    return derived


COMMANDS = {
    "land": lambda store, make, derive: store.land(make.landing("P01", "S2", make.call("FLT3"), file="b.vcf"), derive),
    "replace": lambda store, make, derive: store.land(
        make.landing("P01", "S1", make.call(vaf="40"), content="new", replace=True), derive
    ),
    "set sample": lambda store, make, derive: store.set_sample(SampleInfo("P01", "S1", tissue=Tissue.PB), derive),
    "set patient": lambda store, make, derive: store.set_patient(PatientInfo("P01", sex="female"), derive),
    "add event": lambda store, make, derive: store.add_event(TREATMENT, derive),
    "override": lambda store, make, derive: store.add_override(VOID, derive),
    "rebuild": lambda store, make, derive: store.rebuild(better(derive)),
    "delete": lambda store, make, derive: store.delete_patient("P01"),
}


def in_child(work) -> int:
    """Run work in a process of its own; returns its exit code (negative: killed by that signal)."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(60)
    assert child.exitcode is not None
    return child.exitcode


def fill(url, make, derive) -> tuple[list[str], str]:
    with Store.open(url) as store:
        store.land(make.landing("P01", "S1", make.call(), date="2021-05-12", tissue=Tissue.BM), derive)
        return list(store.dump()), store.head()


def kill_now(*_):
    os.kill(os.getpid(), signal.SIGKILL)


KILLS = [(command, moment) for command in COMMANDS for moment in ("derive", "commit")]
KILLS.remove(("delete", "derive"))  # deleting derives nothing


@pytest.mark.parametrize(("command", "moment"), KILLS)
def test_a_killed_command_leaves_nothing_half_done(store_url, make, derive, monkeypatch, command, moment):
    before, head = fill(store_url, make, derive)

    def killed():
        whole = Change.write

        def write_and_die(change):
            whole(change)
            kill_now()

        monkeypatch.setattr(Change, "write", write_and_die if moment == "commit" else whole)
        with Store.open(store_url) as store:
            COMMANDS[command](store, make, kill_now if moment == "derive" else derive)

    assert in_child(killed) == -signal.SIGKILL
    with Store.open(store_url) as store:
        assert (list(store.dump()), store.head()) == (before, head)
        assert store.verify().ok
        COMMANDS[command](store, make, derive)
        assert store.head() != head
        assert store.verify(head).ok


@pytest.mark.parametrize("command", ["land", "replace", "set sample", "rebuild"])
def test_a_full_disk_changes_nothing(tmp_path, make, derive, command):
    path = tmp_path / "moltrack.db"
    before, head = fill(path, make, derive)
    size = path.stat().st_size

    def without_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, size + 4096))

        def large(inputs):
            found = derive(inputs)
            return replace(found, messages=("x" * (size + 100_000),))

        with Store.open(path) as store:
            try:
                COMMANDS[command](store, make, large)
            except StoreError as error:
                os._exit(7 if "disk" in str(error) else 8)

    assert in_child(without_room) == 7
    with Store.open(path) as store:
        assert (list(store.dump()), store.head()) == (before, head)
        assert store.verify().ok
        assert store.check() == ()
        COMMANDS[command](store, make, derive)
        assert store.verify(head).ok


@pytest.mark.parametrize("command", ["land", "replace", "set sample", "rebuild"])
def test_a_copy_taken_in_the_middle_is_the_store_before(tmp_path, make, derive, command):
    """What a power loss leaves: the files as they are on the disk at that moment."""
    path = tmp_path / "moltrack.db"
    before, head = fill(path, make, derive)
    copies = tmp_path / "copies"
    copies.mkdir()

    def copying(inputs):
        for file in tmp_path.glob("moltrack.db*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, copies / file.name)
        return better(derive)(inputs)

    with Store.open(path) as store:
        COMMANDS[command](store, make, copying)
    with Store.open(copies / "moltrack.db") as copy:
        assert (list(copy.dump()), copy.head()) == (before, head)
        assert copy.verify().ok
        assert copy.check() == ()


def test_a_torn_end_of_the_log_loses_only_the_last_change(tmp_path, make, derive):
    path = tmp_path / "moltrack.db"
    before, _ = fill(path, make, derive)
    with Store.open(path) as store:
        store.land(make.landing("P01", "S2", make.call("FLT3"), file="b.vcf"), derive)
        after = list(store.dump())
        log = (tmp_path / "moltrack.db-wal").read_bytes()
        (tmp_path / "torn.db").write_bytes(path.read_bytes())
    for cut in (100, len(log) // 2, len(log) - 10):
        (tmp_path / "torn.db-wal").write_bytes(log[:cut])
        with Store.open(tmp_path / "torn.db") as torn:
            assert list(torn.dump()) in (before, after)
            assert torn.verify().ok
        for suffix in ("-wal", "-shm"):
            (tmp_path / f"torn.db{suffix}").unlink(missing_ok=True)
        (tmp_path / "torn.db").write_bytes(path.read_bytes())


@pytest.mark.postgres
def test_a_landing_survives_a_restart_of_postgresql(postgres_server, make, derive):
    url = postgres_server.database()
    fill(url, make, derive)
    restarts = iter([True])

    def restarting(inputs):
        if next(restarts, False):
            postgres_server.stop()
            postgres_server.start()
        return derive(inputs)

    with Store.open(url) as store:
        assert COMMANDS["land"](store, make, restarting).status == "landed"
        assert [run.sample for run in store.runs("P01")] == ["S1", "S2"]
        assert store.verify().ok


@pytest.mark.postgres
@pytest.mark.parametrize("command", ["set sample", "add event", "override", "rebuild"])
def test_an_edit_broken_by_a_restart_is_told_and_undone(postgres_server, make, derive, command):
    url = postgres_server.database()
    before, head = fill(url, make, derive)

    def restarting(inputs):
        postgres_server.stop()
        postgres_server.start()
        return derive(inputs)

    with Store.open(url) as store:
        with pytest.raises(StoreError, match="does not answer"):
            COMMANDS[command](store, make, restarting)
        assert (list(store.dump()), store.head()) == (before, head)
        COMMANDS[command](store, make, derive)
        assert store.verify(head).ok


@pytest.mark.postgres
@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_server_undoes_is_tried_again(postgres_server, make, derive, monkeypatch, command):
    url = postgres_server.database()
    _, head = fill(url, make, derive)
    failures = iter([True])
    whole = Change.write

    def undone_once(change):
        if next(failures, False):
            change.connection.exec_driver_sql("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
        whole(change)

    monkeypatch.setattr(Change, "write", undone_once)
    with Store.open(url) as store:
        COMMANDS[command](store, make, derive)
        result = store.verify(head)
        assert (result.problems, result.rows) == ((), 2)
