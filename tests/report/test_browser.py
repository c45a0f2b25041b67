"""The pages in Chromium: they draw, switch, hover, search and print without an error or a request."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moltrack.model import Provenance
from moltrack.report import cohort_page, cohort_row, patient_page, trend_page
from report.case import HOSTILE, hostile_view, late_view, records, view, wide_view

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--headless=new", "--disable-gpu"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None and os.environ.get("MOLTRACK_REQUIRE_BROWSER") != "1":
        pytest.skip("no Chromium on this system")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    row = cohort_row(view())
    pages = {
        "case": patient_page(view()),
        "trend": trend_page(view(), markers=["FLT3-ITD"]),
        "hostile": patient_page(hostile_view()),
        "late": patient_page(late_view()),
        "wide": patient_page(wide_view()),
        "large": cohort_page([replace(row, patient=f"P{number:04}") for number in range(602)], Provenance("0")),
        "cohort": cohort_page([cohort_row(view()), cohort_row(hostile_view())], Provenance("0")),
    }
    paths = {}
    for name, html in pages.items():
        paths[name] = folder / f"{name}.html"
        paths[name].write_text(html, encoding="utf-8")
    return paths


@pytest.fixture
def visit(browser: Any, files: dict[str, Path]) -> Iterator[Callable[..., Any]]:
    """Open a page and wait until its chart is drawn; complaints and requests are collected and must be none."""
    complaints: list[str] = []
    pages: list[Any] = []

    def _visit(name: str = "case", **options: Any) -> Any:
        page = browser.new_page(**({"viewport": {"width": 1280, "height": 900}} | options))
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda r: complaints.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None
        )
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.goto(files[name].as_uri())
        if options.get("java_script_enabled", True) and name not in {"cohort", "large"}:
            page.wait_for_selector("html[data-chart=drawn]", timeout=60_000)
        pages.append(page)
        return page

    yield _visit
    for page in pages:
        page.close()
    assert complaints == []


def until(page: Any, expression: str) -> None:
    """Wait for an expression; playwright's own way would be stopped by the page's policy."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


def visible(page: Any, name: str) -> list[Any]:
    """Visibility of the traces of a series."""
    return page.evaluate(
        "name => document.getElementById('chart').data.filter(t => (t.name || '').startsWith(name)).map(t => t.visible)",
        name,
    )


def axis(page: Any, name: str) -> dict[str, Any]:
    return page.evaluate(
        "name => { const a = document.getElementById('chart').layout[name]; return JSON.parse(JSON.stringify(a)); }",
        name,
    )


@pytest.mark.parametrize("name", ["case", "trend", "hostile", "wide"])
def test_page_draws_without_error_or_request(visit, name):
    page = visit(name)
    assert page.locator("#chart .scatterlayer .trace").count() > 3


def test_a_series_is_drawn_before_the_long_tables_are_there(browser, files):
    page = browser.new_page()
    # The first picture of the chart and the tables are noted in the order in which they come.
    page.add_init_script(
        """window.came = []; new MutationObserver(() => {
          for (const [name, what] of [["trace", "#chart .scatterlayer .trace path"], ["table", "#observations"]])
            if (!window.came.includes(name) && document.querySelector(what)) window.came.push(name);
        }).observe(document, { childList: true, subtree: true });"""
    )
    page.goto(files["wide"].as_uri())
    page.wait_for_selector("html[data-chart=drawn]", timeout=60_000)
    assert page.evaluate("window.came") == ["trace", "table"]
    page.close()


def test_legend_hides_and_shows_a_series(visit):
    page = visit()
    button = page.get_by_role("button", name="TP53 deletion")
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert visible(page, "TP53 deletion") == [False]
    button.click()
    assert visible(page, "TP53 deletion") == [True]


def test_double_click_shows_one_series_alone(visit):
    page = visit()
    page.get_by_role("button", name="TP53 deletion").dblclick()
    assert visible(page, "TP53 deletion") == [True]
    assert set(visible(page, "FLT3-ITD")) == {False}


def test_switch_changes_the_axis(visit):
    page = visit()
    assert axis(page, "yaxis2")["type"] == "log"
    page.get_by_role("button", name="linear", exact=True).click()
    assert axis(page, "yaxis2")["type"] == "linear"


def test_fraction_and_percent(visit):
    page = visit()
    assert "10 %" in axis(page, "yaxis2")["ticktext"]
    page.get_by_role("button", name="fraction", exact=True).click()
    assert "0.1" in axis(page, "yaxis2")["ticktext"]


def test_equal_spacing_names_the_samples(visit):
    page = visit()
    page.get_by_role("button", name="equal spacing").click()
    assert axis(page, "xaxis")["ticktext"][0] == "dx<br>2021-05"
    assert axis(page, "xaxis")["tickvals"] == [1, 2, 3, 4, 5, 6, 7]


def labels(page: Any) -> list[str]:
    """Labels that stand beside points."""
    return page.evaluate(
        "Array.from(document.querySelectorAll('#chart .textpoint text'), t => t.textContent.trim()).filter(Boolean)"
    )


def test_labels_of_events_stay_when_the_chart_is_drawn_again(visit):
    page = visit()
    first = sorted(labels(page))
    for name in ("linear", "equal spacing", "fraction", "days"):
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_timeout(200)
    assert sorted(labels(page)) == first


def test_dates_are_off_when_day_zero_has_none(visit):
    assert visit().get_by_role("button", name="dates").is_disabled()


def test_thresholds_are_drawn_and_can_be_hidden(visit):
    page = visit()
    assert visible(page, "threshold") == [True, True, True]
    page.get_by_role("button", name="thresholds").click()
    assert visible(page, "threshold") == [False, False, False]


def test_a_threshold_goes_with_its_marker(visit):
    page = visit()
    page.get_by_role("button", name="MFC-MRD").dblclick()
    assert visible(page, "threshold, ELN-MRD") == [True]
    assert visible(page, "threshold, ELN 2017") == [False]


def test_a_long_gap_is_left_out_and_comes_back(visit):
    page = visit("late")
    gap = "document.getElementById('chart').layout.shapes.some(s => s.label && s.label.text === '719 days left out')"
    assert page.evaluate(gap)
    assert axis(page, "xaxis")["range"][1] < 150
    page.get_by_role("button", name="days", exact=True).click()
    assert not page.evaluate(gap)
    assert axis(page, "xaxis")["range"][1] > 800


def test_keyboard_shows_one_series_alone(visit):
    page = visit()
    page.get_by_role("button", name="TP53 deletion").focus()
    page.keyboard.press("Shift+Enter")
    assert visible(page, "TP53 deletion") == [True]
    assert set(visible(page, "FLT3-ITD")) == {False}


def test_filter_by_technique(visit):
    page = visit()
    page.get_by_label("Technique").select_option("FISH")
    assert visible(page, "TP53 deletion") == [True]
    assert set(visible(page, "MFC-MRD")) == {False}
    page.get_by_role("button", name="show all").click()
    assert set(visible(page, "MFC-MRD")) == {True}


def test_hover_shows_file_and_line(visit):
    page = visit()
    index = page.evaluate("document.getElementById('chart').data.findIndex(t => (t.name || '').startsWith('TP53'))")
    point = page.evaluate(
        """index => { const full = document.getElementById('chart')._fullLayout;
          const d = document.getElementById('chart').data[index];
          const box = document.querySelector('#chart').getBoundingClientRect();
          const y = full['yaxis' + d.yaxis.slice(1)];
          return [box.left + full.xaxis._offset + full.xaxis.d2p(d.x.at(-1)), box.top + y._offset + y.d2p(d.y.at(-1)) + window.scrollY]; }""",
        index,
    )
    page.evaluate("y => window.scrollTo(0, y - 400)", point[1])
    page.mouse.move(point[0] - 2, point[1] - page.evaluate("window.scrollY") - 2)
    page.mouse.move(point[0], point[1] - page.evaluate("window.scrollY"))
    page.wait_for_selector(".hoverlayer .hovertext", timeout=5000)
    text = page.locator(".hoverlayer").text_content().replace("\u00a0", " ")
    assert "TP53 deletion" in text
    assert "FISH.csv:3" in text
    assert page.locator("#observations tr.chosen").count() == 1


def test_a_row_of_the_table_shows_its_point(visit):
    page = visit()
    page.locator("#observations tbody tr", has_text="FISH.csv:3").click()
    page.wait_for_selector(".hoverlayer .hovertext", timeout=5000)
    assert "FISH.csv:3" in page.locator(".hoverlayer").text_content()


def test_zoom_gives_finer_ticks(visit):
    page = visit()
    page.evaluate("Plotly.relayout('chart', {'xaxis.range[0]': 10, 'xaxis.range[1]': 20})")
    until(page, "document.getElementById('chart').layout.xaxis.tickvals.includes(12)")


def test_table_searches_and_sorts(visit):
    page = visit()
    page.locator("#search").fill("fish 9%")
    rows = page.locator("#observations tbody tr:visible")
    assert rows.count() == 1
    assert page.locator("#shown").inner_text() == "1 of 22 shown"
    page.locator("#search").fill("")
    page.locator("#observations").get_by_role("button", name="Marker").click()
    assert page.locator("#observations tbody th").first.inner_text().startswith("ASXL1")
    assert page.locator("#observations th.marker").get_attribute("aria-sort") == "ascending"


def test_download_is_what_is_shown_and_safe_for_spreadsheets(visit, tmp_path):
    page = visit("hostile")
    page.evaluate("document.querySelector('#observations tbody td').textContent = '=1+1'")
    with page.expect_download() as download:
        page.locator("#download").click()
    path = tmp_path / "table.tsv"
    download.value.save_as(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 23
    assert lines[1].startswith("'=1+1\t")
    assert len({line.count("\t") for line in lines}) == 1


def test_keyboard_reaches_every_control(visit):
    page = visit()
    reached = set()
    for _ in range(140):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.id || document.activeElement.textContent.trim().slice(0, 30)")
        )
    assert {"Skip to the content", "log", "linear", "filter-kind", "search", "download"} <= reached
    page.get_by_role("button", name="linear", exact=True).focus()
    page.keyboard.press("Enter")
    assert axis(page, "yaxis2")["type"] == "linear"


def test_landmarks_and_headings(visit):
    page = visit()
    for role in ("banner", "main", "contentinfo", "navigation"):
        assert page.get_by_role(role).count() == 1
    levels = page.evaluate("Array.from(document.querySelectorAll('h1,h2,h3'), h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_hostile_text_runs_nothing(visit):
    page = visit("hostile")
    assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
    assert HOSTILE[:20] in page.locator("h1").inner_text()


@pytest.mark.parametrize("width", [pytest.param(390, id="phone"), pytest.param(1280, id="desktop")])
def test_nothing_is_wider_than_the_screen(visit, width):
    page = visit(viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_mode_changes_the_chart(visit):
    page = visit(color_scheme="dark")
    assert page.evaluate("document.getElementById('chart').layout.font.color") == "rgb(230, 237, 243)"


def test_print_fits_the_chart_on_a_page(visit):
    page = visit()
    page.emulate_media(media="print")
    until(page, "document.getElementById('chart').style.zoom !== ''")
    height = page.evaluate("document.querySelector('.together').getBoundingClientRect().height")
    # A4 less its margins: 297 - 32 mm = 1001 px.
    assert height < 1001


def test_paper_names_the_rules_without_their_trees(visit):
    page = visit()
    page.emulate_media(media="print")
    assert page.get_by_text("-17 or abnormal 17p").first.is_hidden()
    assert page.locator(".rules > li").first.is_visible()


def test_words_and_tables_stand_without_javascript(visit):
    page = visit("wide", java_script_enabled=False)
    assert page.locator("#observations tbody tr").count() == 5000
    assert page.get_by_text("Last sample:").is_visible()


def test_dates_when_day_zero_is_known(browser, tmp_path):
    from moltrack.model import Time

    data = records()
    events = tuple(replace(e, start=Time.on("2021-12-01")) if e.is_anchor else e for e in data.events)
    path = tmp_path / "dated.html"
    path.write_text(patient_page(view(replace(data, events=events))), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-chart=drawn]")
    page.get_by_role("button", name="dates").click()
    assert any(text.startswith("2021-") for text in axis(page, "xaxis")["ticktext"])
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["case", "cohort"])
def test_axe_finds_no_serious_violation(browser, files, name, scheme):
    script = Path(os.environ.get("MOLTRACK_AXE", "node_modules/axe-core/axe.min.js"))
    if not script.is_file():
        pytest.skip("axe-core is not here: npm install axe-core, or MOLTRACK_AXE=axe.min.js")
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    page.goto(files[name].as_uri())
    if name == "case":
        page.wait_for_selector("html[data-chart=drawn]")
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    page.evaluate(script.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    context.close()
    assert [(v["id"], v["help"]) for v in found if v["impact"] in {"serious", "critical"}] == []


def test_cohort_searches_and_sorts(visit):
    page = visit("cohort")
    page.locator("#search").fill("script")
    assert page.locator("table.patients tbody tr:visible").count() == 1
    page.locator("#search").fill("")
    page.get_by_role("button", name="Patient", exact=True).click()
    assert page.locator("table.patients tbody th").first.inner_text().startswith("<script>")


def test_a_large_cohort_is_searched_and_sorted_over_all(visit):
    page = visit("large")
    rows = page.locator("table.patients tbody tr")
    assert rows.count() == 500
    page.locator("#search").fill("P0601")
    assert rows.count() == 1
    assert page.locator("#shown").inner_text() == "1 of 602 shown"
    page.locator("#search").fill("")
    # Up, then down: the mark of the order is part of the button's name.
    for _ in range(2):
        page.locator("table.patients thead button").first.click()
    assert page.locator("table.patients tbody th").first.inner_text() == "P0601"
    page.get_by_role("button", name="Show 500 more patients").click()
    assert rows.count() == 602
    assert page.locator("#next-rows").is_hidden()


@pytest.mark.parametrize("width", [pytest.param(390, id="phone"), pytest.param(1280, id="desktop")])
def test_cohort_is_not_wider_than_the_screen(visit, width):
    page = visit("cohort", viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
