"""Verification names the row that was changed, removed, added or moved."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from moltrack.errors import InputError
from moltrack.model import Override, OverrideAction, SampleInfo, Tissue
from moltrack.store import Store


@pytest.fixture
def path(tmp_path, make, derive):
    """A small store with something of everything, closed."""
    file = tmp_path / "moltrack.db"
    with Store.open(file) as store:
        store.land(make.landing("P01", "S1", make.call("NPM1"), make.call("FLT3", "30"), date="2021-05-12"), derive)
        store.land(make.landing("P01", "S1", make.call("NPM1", "20"), file="b.vcf", assay="vardict"), derive)
        store.land(make.table(SampleInfo("P01", "S1", tissue=Tissue.BM)), derive)
        store.add_override(Override(OverrideAction.VOID, "P01", "S1/mutect2/NPM1", "", "why", "kim"), derive)
    return file


def tamper(path, sql):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(sql).rowcount


def problems(path):
    with Store.open(path) as store:
        return store.verify().problems


def test_an_untouched_store_holds(path):
    assert problems(path) == ()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        pytest.param("UPDATE audit SET at = '2020' WHERE sequence = 2", "audit row 2 .*was changed", id="time"),
        pytest.param("UPDATE audit SET by = 'x' WHERE sequence = 2", "audit row 2 .*was changed", id="user"),
        pytest.param("DELETE FROM audit WHERE sequence = 2", "audit row 2 was removed", id="audit-removed"),
        pytest.param(
            "UPDATE audit SET sequence = CASE sequence WHEN 2 THEN 30 ELSE 2 END WHERE sequence IN (2, 3)",
            "audit row 2 .*was changed",
            id="reordered",
        ),
        pytest.param("UPDATE audit SET subject = 'S9/x' WHERE sequence = 1", "audit row 1 .*subject", id="subject"),
        pytest.param(
            "UPDATE audit SET patient = NULL, subject = NULL, source_sha256 = NULL, content = NULL WHERE sequence = 1",
            "audit row 1 .*erased, though no patient was deleted",
            id="erased",
        ),
        pytest.param("DELETE FROM patient_keys", "the patient's key is missing", id="key"),
        pytest.param(
            """UPDATE calls SET payload = replace(payload, '"value":"30"', '"value":"31"')""",
            r"audit row 1 \(run P01 S1/mutect2\): rows that it brought",
            id="call",
        ),
        pytest.param("DELETE FROM calls WHERE number = 2", "audit row 1 .*rows that it brought", id="call-removed"),
        pytest.param(
            "INSERT INTO calls SELECT run_id, 9, line, kind, gene, payload FROM calls WHERE run_id = 2",
            r"audit row 2 \(run P01 S1/vardict\): rows that it brought",
            id="call-added",
        ),
        pytest.param("UPDATE calls SET gene = 'TP53' WHERE number = 2", "calls row 1/2: its columns", id="call-column"),
        pytest.param("DELETE FROM runs WHERE run_id = 2", "audit row 2 .*rows that it brought", id="run-removed"),
        pytest.param("UPDATE runs SET superseded_by = 3 WHERE run_id = 1", "audit row 3 .*ended", id="run-ended"),
        pytest.param("UPDATE sources SET name = 'z.vcf' WHERE source_id = 1", "audit row 1 .*brought", id="source"),
        pytest.param(
            "DELETE FROM statements WHERE source_id = 3", "audit row 3 .*rows that it brought", id="statement"
        ),
        pytest.param("DELETE FROM overrides", r"audit row 4 \(override P01 void S1/mutect2/NPM1\)", id="override"),
        pytest.param("UPDATE observations SET level = 0.9", "observations row .*its columns were changed", id="level"),
        pytest.param(
            "DELETE FROM observations WHERE marker = 'FLT3'", "rows that it brought", id="observation-removed"
        ),
        pytest.param("UPDATE markers SET since = 77", "audit row 77 brought", id="moved"),
        pytest.param("DELETE FROM history", "audit row 4 .*ended", id="history-removed"),
        pytest.param("UPDATE samples SET time = '2021-05-13'", "samples row P01/S1: its columns", id="sample-column"),
        pytest.param("DELETE FROM samples", "samples of patient P01 are not what was stated", id="sample-removed"),
        pytest.param("UPDATE markers SET payload = '{'", "markers row P01/FLT3: its record cannot be read", id="junk"),
    ],
)
def test_a_changed_row_is_named(path, sql, message):
    tamper(path, sql)
    assert re.search(message, "\n".join(problems(path)))


def test_a_head_written_down_earlier_is_found_again(path):
    with Store.open(path) as store:
        with closing(sqlite3.connect(path)) as connection:
            [first] = connection.execute("SELECT hash FROM audit WHERE sequence = 1").fetchone()
        assert store.verify(store.head()[:16]).ok
        assert store.verify(first).notes == ("The chain contains the given head as row 1; 3 rows follow it.",)


def test_a_rewritten_chain_does_not_contain_the_head(path, tmp_path, make, derive):
    with Store.open(path) as store:
        head = store.head()
    with Store.open(tmp_path / "other.db") as store:
        store.land(make.landing(), derive)
        assert "does not contain the given head" in store.verify(head).problems[0]
        with pytest.raises(InputError, match="'hello' is not an audit hash"):
            store.verify("hello")


def test_files_are_compared_with_their_sources(path, tmp_path, make, derive):
    import hashlib
    from dataclasses import replace

    file = tmp_path / "c.vcf"
    file.write_text("as it was")
    landing = make.landing("P02", "S1", make.call(), file="c.vcf")
    source = replace(landing.source, sha256=hashlib.sha256(b"as it was").hexdigest())
    with Store.open(path) as store:
        store.land(replace(landing, source=source), derive)
        assert store.verify(files=[file]).notes == ("c.vcf is what was ingested.",)
        file.write_text("changed")
        assert "c.vcf was changed since it was ingested" in store.verify(files=[file]).problems[0]
        file.rename(tmp_path / "d.vcf")
        assert store.verify(files=[tmp_path / "d.vcf"]).problems == ("d.vcf was never ingested.",)
        with pytest.raises(InputError, match="cannot be read"):
            store.verify(files=[file])
