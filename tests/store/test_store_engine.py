"""Opening databases: safeguards, and every failure as one sentence without a password."""

from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from moltrack.errors import StoreError
from moltrack.store import Store, engine, schema

SENTENCES = [
    pytest.param("there/is/none.db", r"there is no database .*none\.db\. Ingest something first", id="missing"),
    pytest.param("sqlite://", "the database needs a file", id="memory"),
    pytest.param("mysql://kim:hunter2@host/x", "'mysql' is not a database that moltrack uses", id="mysql"),
    pytest.param("postgresql://kim:hunter2@host:port/x", "the database's URL cannot be read", id="bad-url"),
    pytest.param(
        "postgresql://kim:hunter2@127.0.0.1:1/x",
        r"the database postgresql://kim:\*\*\*@127\.0\.0\.1:1/x does not answer\. Check that the server runs",
        id="no-server",
    ),
]


@pytest.mark.parametrize(("place", "message"), SENTENCES)
def test_what_cannot_be_opened_says_why(place, message):
    with pytest.raises(StoreError, match=message) as failure:
        Store.open(place, create=False)
    assert "hunter2" not in str(failure.value)


def test_a_folder_is_not_a_database(tmp_path):
    with pytest.raises(StoreError, match="is a folder, not a database"):
        Store.open(tmp_path)


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(StoreError, match=r"the folder .*nowhere does not exist\. Create it"):
        Store.open(tmp_path / "nowhere" / "moltrack.db")


def test_another_file_is_not_a_database(write):
    with pytest.raises(StoreError, match=r"notes\.txt is not a database\. Give another --db"):
        Store.open(write("notes.txt", "Call the laboratory" * 50))


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "places.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE places (name)")
    with pytest.raises(StoreError, match=r"other tables \(places\) and none of moltrack"):
        Store.open(path)


def test_an_empty_file_becomes_a_database_only_when_asked(tmp_path):
    (tmp_path / "moltrack.db").touch()
    with pytest.raises(StoreError, match="is empty"):
        Store.open(tmp_path / "moltrack.db", create=False)
    with Store.open(tmp_path / "moltrack.db") as store:
        assert store.patients() == []


def test_only_the_owner_may_read_the_files(tmp_path, make, derive):
    with Store.open(tmp_path / "moltrack.db") as store:
        store.land(make.landing("P01", "S1", make.call()), derive)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("moltrack.db*")}
    assert modes == {"moltrack.db": 0o600, "moltrack.db-wal": 0o600, "moltrack.db-shm": 0o600}


def test_a_file_that_others_may_read_is_warned_of(tmp_path):
    path = tmp_path / "moltrack.db"
    Store.open(path).close()
    path.chmod(0o644)
    with Store.open(path) as store:
        assert store.info().warnings == (f"the database {path} can be read by others: chmod 600 {path}",)


def test_a_path_with_signs_of_a_url_is_a_path(tmp_path):
    path = tmp_path / "a b?c#d%20.db"
    Store.open(path).close()
    assert path.is_file()
    with Store.open(f"sqlite:///{tmp_path}/other.db") as store:
        assert store.place == f"{tmp_path}/other.db"


def test_sqlite_is_safe_by_its_settings(sqlite_store):
    with engine.reading(sqlite_store._engine, sqlite_store._place) as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "secure_delete")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "secure_delete": 1}


def test_a_read_only_store_refuses_changes(store_url, make, derive):
    with Store.open(store_url) as store:
        store.land(make.landing("P01", "S1", make.call()), derive)
    with Store.open(store_url, read_only=True) as store:
        assert store.patients()
        assert store.verify().ok
        with pytest.raises(StoreError, match="was opened read-only"):
            store.delete_patient("P01")


def test_a_read_only_file_says_so(tmp_path, make, derive):
    path = tmp_path / "moltrack.db"
    with Store.open(path) as store:
        store.land(make.landing("P01", "S1", make.call()), derive)
        store._engine.dispose()
        store._engine = engine.connect(store._place, read_only=True)
        with pytest.raises(StoreError, match=r"is read-only\. Make the file and its folder writable"):
            store.delete_patient("P01")
        assert store.verify().ok


def test_a_database_in_a_read_only_folder_is_read(tmp_path, make, derive, monkeypatch):
    path = tmp_path / "moltrack.db"
    with Store.open(path) as store:
        store.land(make.landing("P01", "S1", make.call()), derive)
    monkeypatch.setattr(engine.os, "access", lambda folder, mode: folder != tmp_path)
    with Store.open(path, create=False) as store:
        assert [info.patient for info in store.patients()] == ["P01"]
        with pytest.raises(StoreError, match="is read-only"):
            store.delete_patient("P01")
    assert [file.name for file in tmp_path.iterdir()] == ["moltrack.db"]


def test_a_path_that_cannot_be_looked_at_says_so(tmp_path):
    with pytest.raises(StoreError, match=r"cannot be opened \(File name too long\)"):
        Store.open(tmp_path / ("x" * 300))


def test_a_locked_database_says_so(tmp_path, make, derive, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    path = tmp_path / "moltrack.db"
    with Store.open(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another program"):
            store.land(make.landing("P01", "S1", make.call()), derive)
        assert store.patients() == []
        other.execute("ROLLBACK")
        assert store.land(make.landing("P01", "S1", make.call()), derive).status == "landed"


def test_a_waiting_writer_gets_its_turn(tmp_path, make, derive):
    path = tmp_path / "moltrack.db"
    with (
        Store.open(path) as store,
        closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.2, lambda: other.execute("ROLLBACK"))
        timer.start()
        assert store.land(make.landing("P01", "S1", make.call()), derive).status == "landed"
        timer.join()


def test_a_reader_sees_one_moment_while_others_write(store, store_url, make, derive):
    store.land(make.landing("P01", "S1", make.call()), derive)
    lines = store.dump()
    first = [next(lines)]
    with Store.open(store_url) as other:
        other.land(make.landing("P02", "S1", make.call(), file="b.vcf"), derive)
    assert not any('"P02"' in line for line in [*first, *lines])


def test_a_network_file_system_is_warned_of(tmp_path, monkeypatch):
    path = tmp_path / "moltrack.db"
    monkeypatch.setattr(engine, "NETWORK_FILE_SYSTEMS", frozenset({engine_type(tmp_path)}))
    with Store.open(path) as store:
        assert "lies on a network file system" in store.warnings[0]
        with engine.reading(store._engine, store._place) as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"


def engine_type(path):
    """The type of the file system that the test's folder lies on."""
    mounts = [line.split(" ") for line in Path("/proc/self/mounts").read_text().splitlines()]
    return max((mount for mount in mounts if path.is_relative_to(mount[1])), key=lambda mount: len(mount[1]))[2]


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        pytest.param("9999", r"written by a newer moltrack \(schema 9999; .*\)\. Update moltrack", id="newer"),
        pytest.param("0000", r"has the older schema 0000 .*run 'moltrack db upgrade'", id="older"),
    ],
)
def test_a_schema_of_another_version_is_refused_in_words(store_url, revision, message, monkeypatch):
    monkeypatch.setattr(schema, "REVISIONS", ("0000", *schema.REVISIONS))
    with Store.open(store_url) as store, engine.writing(store._engine, store._place) as connection:
        connection.execute(schema.alembic_version.update().values(version_num=revision))
    with pytest.raises(StoreError, match=message):
        Store.open(store_url)


def test_a_password_stays_out_of_what_is_printed():
    place = engine.locate("postgresql://kim:hunter2@db.example/patients?password=hunter2")
    assert place.shown == "postgresql://kim:***@db.example/patients"


def test_info_counts_what_holds(store, make, derive):
    store.land(make.landing("P01", "S1", make.call("NPM1"), make.call("FLT3")), derive)
    store.land(make.landing("P01", "S1", make.call("NPM1"), content="new", replace=True), derive)
    info = store.info()
    assert (info.patients, info.samples, info.sources, info.runs, info.observations) == (1, 1, 1, 1, 1)
    assert (info.revision, info.head, info.audit_rows) == (schema.HEAD, store.head(), 2)
    assert info.size > 0


def test_a_backup_is_the_same_store(store, tmp_path, make, derive):
    store.land(make.landing("P01", "S1", make.call()), derive)
    store.backup(tmp_path / "copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    with Store.open(tmp_path / "copy.db") as copy:
        assert list(copy.dump()) == list(store.dump())
        assert copy.verify(store.head()).ok
        copy.land(make.landing("P02", "S1", make.call(), file="b.vcf"), derive)
    with pytest.raises(StoreError, match=r"copy\.db exists already"):
        store.backup(tmp_path / "copy.db")


def test_a_sound_database_has_no_problems(store, make, derive):
    store.land(make.landing("P01", "S1", make.call()), derive)
    assert store.check() == ()


def test_a_damaged_database_is_told(tmp_path, make, derive):
    path = tmp_path / "moltrack.db"
    with Store.open(path) as store:
        store.land(make.landing("P01", "S1", make.call()), derive)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP VIEW longitudinal")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM sources")
    with Store.open(path) as store:
        problems = "\n".join(store.check())
    assert "the view longitudinal is missing" in problems
    assert "a row of runs refers to a row of sources that does not exist" in problems


def test_upgrading_the_newest_schema_changes_nothing(store_url):
    Store.open(store_url).close()
    assert Store.upgrade(store_url) == (schema.HEAD, schema.HEAD)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("user", "name", "message"),
    [
        pytest.param("moltrack", "nowhere", "does not exist on that server. Create it with createdb", id="database"),
        pytest.param("nobody", "postgres", "does not know that user. Create it with createuser", id="user"),
    ],
)
def test_postgresql_says_what_is_missing(postgres_server, user, name, message):
    with pytest.raises(StoreError) as failure:
        Store.open(f"postgresql://{user}:hunter2@/{name}?host={postgres_server.folder}")
    assert message in str(failure.value)
    assert "hunter2" not in str(failure.value)


@pytest.mark.postgres
def test_a_user_who_may_not_write_is_told(postgres_server, make, derive):
    url = postgres_server.database()
    with Store.open(url) as store, engine.writing(store._engine, store._place) as connection:
        connection.exec_driver_sql("CREATE ROLE reader LOGIN")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    with Store.open(url.replace("moltrack@", "reader@")) as store:
        assert store.patients() == []
        with pytest.raises(StoreError, match="does not let this user do that"):
            store.land(make.landing("P01", "S1", make.call()), derive)
