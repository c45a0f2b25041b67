"""``moltrack db`` and ``moltrack verify``."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing

import pytest


@pytest.fixture
def database(run, write, tmp_path):
    """A database with one patient of two tables."""
    events = write("events.csv", "patient,type,name,date", "P01,treatment,7+3,2021-05-20")
    samples = write("samples.csv", "patient,sample,date,tissue", "P01,S1,2021-05-12,BM")
    assert run("ingest", events, samples).status == 0
    return tmp_path / "test.db"


def tamper(path, sql):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(sql)


def test_info_says_what_the_database_holds(run, database):
    result = run("db", "info", "--format", "json")
    found = {row["what"]: row["value"] for row in json.loads(result.out)}
    assert (result.status, found["patients"], found["samples"], found["backend"]) == (0, 1, 1, "SQLite")
    assert len(found["head"]) == 64


def test_a_missing_database_is_told(run):
    for command in (["db", "info"], ["db", "check"], ["db", "dump"], ["verify"], ["db", "upgrade"]):
        result = run(*command)
        assert (result.status, result.out) == (1, "")
        assert "Error: there is no database" in result.err


def test_dump_goes_to_stdout_or_a_private_file(run, database, tmp_path):
    lines = run("db", "dump", "--canonical").out
    assert {json.loads(line)["kind"] for line in lines.splitlines()} >= {"patient", "sample", "event", "source"}
    assert run("db", "dump", "-o", tmp_path / "dump.jsonl").status == 0
    assert (tmp_path / "dump.jsonl").read_text() == lines
    assert stat.S_IMODE((tmp_path / "dump.jsonl").stat().st_mode) == 0o600


def test_backup_makes_a_database_that_opens(run, database, tmp_path):
    assert run("db", "backup", tmp_path / "copy.db").status == 0
    assert run("--db", tmp_path / "copy.db", "db", "dump").out == run("db", "dump").out
    result = run("db", "backup", tmp_path / "copy.db")
    assert (result.status, "exists already" in result.err) == (1, True)


def test_check_tells_sound_from_damaged(run, database):
    assert run("db", "check").out == "The database is sound.\n"
    tamper(database, "DROP VIEW longitudinal")
    result = run("db", "check")
    assert (result.status, "the view longitudinal is missing" in result.err) == (1, True)


def test_rebuild_says_how_many_and_whether_anything_changed(run, database):
    assert run("db", "rebuild").out == "Derived 1 patient anew. Nothing changed.\n"
    assert run("db", "rebuild", "--patient", "P1").err == (
        "Error: patient 'P1' is not in the database. Did you mean P01?\n"
    )


def test_upgrade_of_the_newest_schema_says_so(run, database):
    assert "nothing changed" in run("db", "upgrade").out


def test_verify_holds_and_names_what_was_changed(run, database):
    result = run("verify")
    assert (result.status, result.out.startswith("Everything holds: 2 audit rows, head ")) == (0, True)
    tamper(database, "UPDATE statements SET payload = replace(payload, '2021-05-12', '2021-05-13')")
    result = run("verify")
    assert (result.status, result.out) == (1, "")
    assert "audit row 2 (description P01): rows that it brought or ended were changed, removed or added." in result.err
    assert "problems in 2 audit rows" in result.err


def test_verify_compares_a_head_and_files(run, database, tmp_path):
    head = json.loads(run("verify", "--format", "json").out)["head"]
    result = run("verify", "--head", head, tmp_path / "events.csv")
    assert result.status == 0
    assert "The chain contains the given head as row 2; 0 rows follow it." in result.out
    assert "events.csv is what was ingested." in result.out
    result = run("verify", "--head", "0123456789ab")
    assert (result.status, "does not contain the given head" in result.err) == (1, True)
    result = run("verify", "--head", "mine")
    assert (result.status, "'mine' is not an audit hash" in result.err) == (1, True)
