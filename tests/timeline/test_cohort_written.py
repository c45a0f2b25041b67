"""The cohort's page from a store: every patient once, the same however many processes read them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from moltrack.model import Landing, Normalized, PatientInfo, Run, RunRecords, SampleInfo, Source, Time
from moltrack.store import Store
from moltrack.timeline import cohort, write_cohort


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "moltrack.db") as opened:
        for name in ("P01", "P02", "P03"):
            sha256 = hashlib.sha256(name.encode()).hexdigest()
            landing = Landing(
                Source(sha256, f"{name}.csv", "vcf", "{}"),
                (PatientInfo(name),),
                (SampleInfo(name, "s1", Time.on("2022-01-01")),),
                runs=(RunRecords(Run(name, "s1", "panel", file=f"{name}.csv", sha256=sha256)),),
            )
            opened.land(landing, lambda _: Normalized())
        yield opened


def test_every_patient_has_a_row_and_the_page_names_the_rules(store, tmp_path):
    html = write_cohort(store, tmp_path / "pages", reviewed_by="A. Physician").read_text(encoding="utf-8")
    assert [html.count(f"<th scope=row>{name}</th>") for name in ("P01", "P02", "P03")] == [1, 1, 1]
    assert "eln2022 " in html
    assert store.head() in html
    assert "Reviewed by A. Physician" in html


def test_processes_write_the_same_page(store, tmp_path, monkeypatch):
    monkeypatch.setattr(cohort, "CHUNK", 1)
    pages = [write_cohort(store, tmp_path / f"{jobs}", jobs=jobs).read_bytes() for jobs in (1, 2)]
    assert pages[0] == pages[1]


def test_pages_of_patients_are_linked(store, tmp_path):
    index = write_cohort(store, tmp_path / "pages", with_patients=True)
    assert '<a href="P02.html">P02</a>' in index.read_text(encoding="utf-8")
    assert (tmp_path / "pages" / "P02.html").is_file()
