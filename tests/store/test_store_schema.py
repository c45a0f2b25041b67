"""The tables: migrations make what the program expects, older stores open, queries use their indexes."""

from __future__ import annotations

import re
import shutil
import sqlite3
import textwrap
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from moltrack.errors import StoreError
from moltrack.store import Store, engine, schema, upkeep
from moltrack.timeline import COMPUTED_COLUMNS, TABLE_COLUMNS

ROOT = Path(__file__).parents[2]
RELEASED = Path(__file__).parent / "schemas"


def described(connection):
    """Tables with their columns, keys and indexes, and the views, as the database tells them."""
    inspector = inspect(connection)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted(
                (index["name"], tuple(index["column_names"]), index["unique"]) for index in inspector.get_indexes(name)
            ),
            sorted(str(key["referred_table"]) + str(key["options"]) for key in inspector.get_foreign_keys(name)),
        )
        for name in inspector.get_table_names()
    } | {name: inspector.get_view_definition(name) for name in inspector.get_view_names()}


def test_migrations_make_the_tables_that_the_program_uses(store, request, tmp_path):
    if store.info().backend == "SQLite":
        place = engine.Place(tmp_path / "migrated.db", None)
        engine.create_file(place.path)
    else:
        place = engine.locate(request.getfixturevalue("postgres_server").database())
    migrated = engine.connect(place)
    with engine.writing(migrated, place) as connection:
        upkeep.migrate(connection)
    with engine.reading(migrated, place) as connection:
        found = described(connection)
        assert engine.revision(connection) == schema.HEAD
    migrated.dispose()
    with engine.reading(store._engine, store._place) as connection:
        assert found == described(connection)


def test_every_released_schema_has_a_store_to_try():
    assert {path.stem for path in RELEASED.glob("*.sql")} == set(schema.REVISIONS)


@pytest.mark.parametrize("revision", schema.REVISIONS)
def test_a_store_of_a_released_schema_is_upgraded_whole(tmp_path, revision, derive):
    """The SQL text was written by that release; what it holds must be there after the upgrade."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((RELEASED / f"{revision}.sql").read_text())
    assert Store.upgrade(path) == (revision, schema.HEAD)
    with Store.open(path) as store:
        assert store.verify().problems == ()
        assert store.check() == ()
        levels = {(o.sample, o.marker): o.level for o in store.patient_records("P01").observations}
        assert levels == {("S1", "NPM1"): 0.125, ("S2", "FLT3"): 0.4}
        assert store.rebuild(derive) == 1


@pytest.fixture
def next_release(tmp_path, monkeypatch):
    """A program whose schema has one more revision; its steps are given as Python text."""

    def _release(steps: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(upkeep.MIGRATIONS, folder)
        head = f"from alembic import op\nrevision = '0002'\ndown_revision = '{schema.HEAD}'\n\n\ndef upgrade():\n"
        (folder / "versions" / "0002_next.py").write_text(head + textwrap.indent(steps, "    "))
        monkeypatch.setattr(upkeep, "MIGRATIONS", folder)
        monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "0002"))
        monkeypatch.setattr(schema, "HEAD", "0002")

    return _release


def test_the_next_revision_keeps_what_is_there(store_url, make, derive, next_release):
    with Store.open(store_url) as store:
        store.land(make.landing("P01", "S1", make.call()), derive)
        before = list(store.dump())
    next_release("op.execute('ALTER TABLE sources ADD COLUMN place TEXT')")
    with pytest.raises(StoreError, match=r"older schema 0001 .*run 'moltrack db upgrade'"):
        Store.open(store_url)
    assert Store.upgrade(store_url) == ("0001", "0002")
    with Store.open(store_url) as store:
        assert list(store.dump()) == before
        assert store.verify().ok
        store.land(make.landing("P02", "S1", make.call(), file="b.vcf"), derive)


def test_an_upgrade_that_fails_leaves_the_old_schema(store_url, make, derive, next_release, monkeypatch):
    with Store.open(store_url) as store:
        store.land(make.landing("P01", "S1", make.call()), derive)
        before = list(store.dump())
    next_release("op.execute('ALTER TABLE sources ADD COLUMN place TEXT')\nop.execute('SELECT nothing FROM nowhere')")
    with pytest.raises(StoreError, match="cannot be used"):
        Store.upgrade(store_url)
    monkeypatch.undo()
    with Store.open(store_url) as store:
        assert list(store.dump()) == before
        assert store.check() == ()
        with engine.reading(store._engine, store._place) as connection:
            assert "place" not in {column["name"] for column in inspect(connection).get_columns("sources")}


def test_the_view_has_the_columns_of_the_table(store, make, derive):
    store.land(make.landing("P01", "S1", make.call(), date="2021-05-12"), derive)
    with engine.reading(store._engine, store._place) as connection:
        [row] = connection.execute(text("SELECT * FROM longitudinal")).mappings().all()
    stored = [name for name in TABLE_COLUMNS if name not in COMPUTED_COLUMNS]
    assert list(row) == ["sample_order" if name == "order" else name for name in stored]
    assert (row["patient"], row["time"], row["level"], row["printed"]) == ("P01", "2021-05-12", 0.125, "12.5 %")
    assert (row["sample_order"], row["day"], row["line"]) == (None, None, "7")


@pytest.mark.parametrize("table", ["observations", "markers", "runs", "statements", "overrides", "history"])
def test_reading_one_patient_uses_an_index(sqlite_store, table):
    with engine.reading(sqlite_store._engine, sqlite_store._place) as connection:
        query = f"EXPLAIN QUERY PLAN SELECT payload FROM {table} WHERE patient = 'P01'"
        plan = " ".join(str(row[3]) for row in connection.exec_driver_sql(query))
    assert "SEARCH" in plan
    assert "SCAN" not in plan


def test_calls_of_a_run_lie_together(sqlite_store):
    with engine.reading(sqlite_store._engine, sqlite_store._place) as connection:
        query = "EXPLAIN QUERY PLAN SELECT payload FROM calls WHERE run_id = 1 ORDER BY number"
        assert "USING PRIMARY KEY" in connection.exec_driver_sql(query).one()[3]


@pytest.mark.postgres
def test_reading_one_patient_uses_an_index_of_postgresql(postgres_server, make, derive):
    with Store.open(postgres_server.database()) as store, engine.writing(store._engine, store._place) as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql("EXPLAIN SELECT payload FROM observations WHERE patient = 'P01'").scalars()
        assert "observations_pkey" in "\n".join(plan)


DOCUMENTED = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "database.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("query", DOCUMENTED)
def test_documented_queries_run_on_both_databases(store, make, derive, query):
    store.land(make.landing("P01", "S1", make.call()), derive)
    with engine.reading(store._engine, store._place) as connection:
        assert connection.exec_driver_sql(query.replace("%", "%%") if "postgres" in store.place else query).all()


def test_every_table_is_documented():
    text = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    internal = {"alembic_version", "patient_keys"}
    assert [name for name in schema.metadata.tables if name not in internal and f"`{name}`" not in text] == []
