"""Size of the patient page and time to its first words and first trace, beside an empty plotly page in the same browser.

Run: ``python benchmarks/report_speed.py [series] [points]`` (100 and 50). Needs playwright and a Chromium; the pages are
opened in turns and the medians are compared. Asked: at most 1.3 times the empty page, below 6 MB.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from moltrack.analysis import build_axis, build_series, clearance
from moltrack.model import (
    Counts,
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
)
from moltrack.report import patient_page
from moltrack.report.html import plotly_source

ROUNDS = 5
_EMPTY = (
    "<!DOCTYPE html><meta charset=utf-8><div id=chart></div><script>{plotly}</script>"
    "<script>Plotly.newPlot('chart', [{{x: [1, 2], y: [1, 2]}}])</script>"
)
#: Notes when the first words were painted and when the first trace stands in the page.
_CLOCK = """
new MutationObserver((_, observer) => {
  if (document.querySelector("#chart .scatterlayer .trace path")) { window.firstTrace = performance.now(); observer.disconnect(); }
}).observe(document, { childList: true, subtree: true });
"""


def synthetic_view(series: int, points: int) -> PatientView:
    """A patient with that many markers in that many samples, with read counts."""
    samples = tuple(SampleInfo("P01", f"s{i:02}", Time.day(i * 14), Tissue.BM) for i in range(points))
    markers = tuple(Marker(f"M{i:03}", MarkerKind.SMALL_VARIANT, f"GENE{i:03} p.A{i}V") for i in range(series))
    observations = []
    for j, marker in enumerate(markers):
        for k, sample in enumerate(samples):
            alt = max(1, round(2000 * 0.85**k) + j % 9)
            observations.append(
                Observation(
                    "P01", sample.sample, marker.id, "panel", Technique.DNA_SEQUENCING, Tissue.BM, Status.DETECTED,
                    quantity="vaf", level=alt / 5000, printed=f"{alt / 5000:.4f}", counts=Counts(alt=alt, ref=5000 - alt, depth=5000),
                    origins=(Origin(f"{sample.sample}.vcf.gz", 100 + j),),
                )
            )  # fmt: skip
    records = PatientRecords(PatientInfo("P01"), samples, (), markers, tuple(observations))
    axis = build_axis(records)
    clearances = tuple(clearance(one, axis, records) for one in build_series(records, axis))
    return PatientView(records, axis, clearances, provenance=Provenance("benchmark"))


def first_trace(browser: Browser, path: Path) -> tuple[float, float]:
    """Seconds to the first paint and to the first trace."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(_CLOCK)
    page.goto(path.as_uri())
    page.wait_for_selector("#chart .scatterlayer .trace path", state="attached", timeout=120_000)
    trace = page.evaluate("window.firstTrace")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    page.close()
    return paint / 1000, trace / 1000


def main() -> None:
    series, points = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (100, 50)
    started = time.perf_counter()
    view = synthetic_view(series, points)
    analysed = time.perf_counter()
    html = patient_page(view)
    built = time.perf_counter()
    chromium = os.environ.get("MOLTRACK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page, empty = Path(folder, "page.html"), Path(folder, "empty.html")
        page.write_text(html, encoding="utf-8")
        empty.write_text(_EMPTY.format(plotly=plotly_source()), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--headless=new", "--disable-gpu"]
        )
        times: dict[str, list[tuple[float, float]]] = {"page": [], "empty": []}
        for _ in range(ROUNDS):
            times["empty"].append(first_trace(browser, empty))
            times["page"].append(first_trace(browser, page))
        browser.close()
        size = page.stat().st_size / 1e6
    trace = {name: statistics.median(t for _, t in values) for name, values in times.items()}
    words = statistics.median(p for p, _ in times["page"])
    print(f"{series} series x {points} points")
    print(f"analysis {analysed - started:.2f} s, page {built - analysed:.2f} s, file {size:.2f} MB")
    print(f"first words {words:.2f} s")
    print(
        f"first trace {trace['page']:.2f} s; empty plotly page {trace['empty']:.2f} s; ratio {trace['page'] / trace['empty']:.2f}"
    )


if __name__ == "__main__":
    main()
