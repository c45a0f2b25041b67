"""Time and size of the cohort page, and time until Chromium shows it: 1,000 patients x 12 samples x 30 markers.

Run: ``python benchmarks/cohort_page.py [patients]``. Counted is all of ``moltrack report --cohort``: reading the store (filled
before), series, verdicts, the page. Asked: below 20 s on two cores and 15 MB for 1,000 patients, open in less than 2 s, and no
worse than linear growth for ten times as many.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from moltrack.model import (
    Event,
    EventType,
    Landing,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Normalized,
    Observation,
    Origin,
    PatientInfo,
    PatientRecords,
    Run,
    RunRecords,
    SampleInfo,
    Source,
    Status,
    Technique,
    Time,
    Tissue,
)
from moltrack.store import Store
from moltrack.timeline import write_cohort

SAMPLES, MARKERS = 12, 30


def synthetic_records(number: int) -> PatientRecords:
    """One patient: three markers that fall and sometimes rise again, 27 that are looked for and not found."""
    chance = random.Random(number)
    name = f"P{number:05}"
    start = date(2020, 1, 1) + timedelta(days=chance.randrange(1500))
    samples = tuple(
        SampleInfo(name, f"{name}-{k:02}", Time.on((start + timedelta(days=28 * k)).isoformat()), Tissue.BM)
        for k in range(SAMPLES)
    )
    relapse = chance.randrange(6, 20)
    events = [Event(EventType.TREATMENT, "7+3", Time.on((start + timedelta(days=2)).isoformat()))]
    if relapse < SAMPLES:
        events.append(Event(EventType.RELAPSE, "relapse", Time.on((start + timedelta(days=28 * relapse)).isoformat())))
    markers = tuple(
        Marker(f"M{j:02}", MarkerKind.SMALL_VARIANT, f"GENE{j:02} p.A{j}V", (f"GENE{j:02}",)) for j in range(MARKERS)
    )
    lod = (Limit(LimitKind.LOD, 0.001, "declared"),)
    observations = []
    for j, marker in enumerate(markers):
        for k, sample in enumerate(samples):
            level = 0.4 * 0.3**k if k < relapse else 0.001 * 3 ** (k - relapse)
            level *= chance.lognormvariate(0, 0.3)
            seen = (j + number) % 10 == 0 and level > 0.001
            observations.append(
                Observation(
                    name, sample.sample, marker.id, "panel", Technique.DNA_SEQUENCING, Tissue.BM,
                    Status.DETECTED if seen else Status.NOT_DETECTED, quantity="vaf", level=min(level, 0.9) if seen else None,
                    limits=lod, origins=(Origin("panel.vcf.gz", k),),
                )
            )  # fmt: skip
    return PatientRecords(PatientInfo(name, "F", 50), samples, tuple(events), markers, tuple(observations))


def fill(path: Path, patients: int) -> None:
    """A store of that many patients: one file each with a run per sample, and what was derived from it ready-made."""
    with Store.open(path) as store:
        for number in range(patients):
            records = synthetic_records(number)
            sha256 = hashlib.sha256(records.patient.patient.encode()).hexdigest()
            runs = tuple(
                RunRecords(
                    Run(
                        sample.patient,
                        sample.sample,
                        "panel",
                        technique=Technique.DNA_SEQUENCING,
                        file="panel.vcf.gz",
                        sha256=sha256,
                    )
                )
                for sample in records.samples
            )
            landing = Landing(
                Source(sha256, f"{records.patient.patient}.vcf.gz", "vcf", "{}"),
                (records.patient,),
                records.samples,
                tuple(replace(event, patient=records.patient.patient) for event in records.events),
                runs=runs,
            )
            derived = Normalized(records.markers, records.observations)
            store.land(landing, lambda _, derived=derived: derived)  # type: ignore[misc]


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "cohort.db")
        fill(database, patients)
        wall, cpu = time.perf_counter(), _cpu()
        with Store.open(database) as store:
            index = write_cohort(store, Path(folder, "pages"), as_of=date(2025, 1, 1), jobs=2)
        print(f"{patients} patients x {SAMPLES} samples x {MARKERS} markers")
        print(
            f"reading, analysis and page {time.perf_counter() - wall:.1f} s (processor {_cpu() - cpu:.1f} s), "
            f"file {index.stat().st_size / 1e6:.2f} MB"
        )
        _show(index)


def _cpu() -> float:
    """Processor time of this process and its finished children."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _show(index: Path) -> None:
    """How long Chromium takes to show the page, and what a search over all patients takes there."""
    chromium = os.environ.get("MOLTRACK_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--headless=new", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(index.as_uri())
        timing = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
        search = page.evaluate(
            """() => { const start = performance.now(); const box = document.getElementById('search'); box.value = 'P00042';
              box.dispatchEvent(new Event('input')); document.body.offsetHeight; return performance.now() - start; }"""
        )
        print(f"first words {paint / 1000:.2f} s, complete {timing / 1000:.2f} s, search {search / 1000:.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
