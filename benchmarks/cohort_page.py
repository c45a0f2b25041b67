"""Time and size of the cohort page, and time until Chromium shows it: 1,000 patients x 12 samples x 30 markers.

Run: ``python benchmarks/cohort_page.py [patients]``. Analysis of all patients is counted, reading them from a store is not.
Asked: below 20 s and 15 MB for 1,000 patients, open in less than 2 s, and no worse than linear growth for ten times as many.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from moltrack.analysis import build_axis, build_series, clearance
from moltrack.model import (
    Event,
    EventType,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Observation,
    Origin,
    PatientInfo,
    PatientRecords,
    PatientView,
    Provenance,
    SampleInfo,
    Status,
    Technique,
    Time,
    Tissue,
    Verdict,
)
from moltrack.report import cohort_page, cohort_row

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


def synthetic_view(number: int) -> PatientView:
    records = synthetic_records(number)
    axis = build_axis(records)
    clearances = tuple(clearance(one, axis, records) for one in build_series(records, axis))
    risk = Verdict("eln2022", "1", "ELN 2022", records.samples[0].sample, ("F", "I", "A")[number % 3])
    return PatientView(records, axis, clearances, risk=(risk,))


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    started = time.perf_counter()
    rows = [cohort_row(synthetic_view(n), link=f"P{n:05}.html", as_of=date(2025, 1, 1)) for n in range(patients)]
    analysed = time.perf_counter()
    html = cohort_page(rows, Provenance("benchmark"))
    built = time.perf_counter()
    print(f"{patients} patients x {SAMPLES} samples x {MARKERS} markers")
    print(f"analysis {analysed - started:.1f} s, page {built - analysed:.1f} s, file {len(html.encode()) / 1e6:.1f} MB")
    chromium = shutil.which("chromium")
    if chromium is None:
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "cohort.html")
        path.write_text(html, encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--headless=new", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(path.as_uri())
        timing = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
        print(f"first words {paint / 1000:.2f} s, complete {timing / 1000:.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
