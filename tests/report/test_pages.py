"""Pages as text: complete without JavaScript, closed to the outside, honest about hostile input."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from moltrack.model import Counts, Marker, MarkerKind, PatientInfo, PatientRecords, Technique
from moltrack.report import patient_page, trend_page
from report.case import HOSTILE, hostile_view, records, seen, view, wide_view


@pytest.fixture(scope="module")
def html() -> str:
    return patient_page(view())


class Text(HTMLParser):
    """The words that a reader sees, and the tags of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._silent = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._silent = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("Last sample: hsct, post hct, day 90, BM", id="last-sample"),
        pytest.param("CR, MRD-negative (day 90)", id="recorded-response"),
        pytest.param("0.90 log10 below baseline", id="TP53-reduction"),
        pytest.param("the baseline (sample pre) has no level", id="no-invented-baseline"),
        pytest.param("not followed up", id="ASXL1"),
        pytest.param("peak level (Cmax) 183,945 copies/µg", id="cmax"),
        pytest.param("half-life, days 14 to 28 2.70 days", id="half-life"),
        pytest.param("two points carry no uncertainty", id="warning"),
        pytest.param("On what was tested: adverse", id="as-observed"),
        pytest.param("RUNX1::RUNX1T1", id="what-would-decide"),
        pytest.param("TP53 deletion 72 %, sample dx FISH.csv:2", id="evidence"),
        pytest.param("Adult guidelines are applied to a patient of 17 years.", id="flag"),
        pytest.param("illustrative variant", id="note"),
        pytest.param("For research use and for review by a physician; not a medical device. Not reviewed.", id="use"),
        pytest.param("moltrack 0.1.0; rules eln2017 1, eln2022 1", id="versions"),
    ],
)
def test_the_page_says(html, words):
    assert words in Text(html).text


@pytest.mark.parametrize(
    "words",
    [
        # 0.059 / 1.059 = 5.57 %, 2 v = 11.1 % (heterozygous), v to 2 v / (1 - v) = 11.8 % over all.
        pytest.param("11.1 % if heterozygous, two copies; 5.57 % to 11.8 % over all (sample d17)", id="cells"),
        pytest.param("copy-neutral loss of heterozygosity: 5.57 % F = v", id="formula-of-cells"),
        pytest.param("First detected: ASXL1 p.G646Wfs*12, FLT3-ITD, TP53 deletion (sample dx); then", id="order"),
        pytest.param("No groups of markers that move together: no two markers have 3 measured samples.", id="no-groups"),
        pytest.param("CAR copies · copies per µg DNA · PB halves every 2.7 days (days 14 to 28; two points carry no uncertainty).", id="rate-in-words"),
        pytest.param("ln 2 (t2 - t1) / |ln(N1 / N2)|, days 14 to 28 sample d14pb: 183,945 copies/µg CAR qPCR.csv:2", id="formula-and-sources"),
        pytest.param("Cmax) Highest measured level (Stein, CPT Pharmacometrics Syst Pharmacol 2019;8:285).", id="definition"),
        pytest.param("half-life or doubling time not assessable: 1 result with a level or a limit on a known day: two are needed", id="not-fitted"),
    ],
)  # fmt: skip
def test_kinetics_and_clones_say(html, words):
    assert words in Text(html).text


def test_the_course_tells_the_history_in_its_order(html):
    text = Text(html).text
    course = text[text.index(" Course When") : text.index("Curves Levels")]
    told = [
        "ASXL1 p.G646Wfs*12 VAF 6 %",
        "IA (3+7)",
        "CLAG + sorafenib",
        "relapse",
        "SKAP2::RUNX1 detected, no level",
    ]
    told += [
        "failed",
        "BM blasts 20 %",
        "CD7 CAR-T",
        "183,945",
        "MFC-MRD 0.025 %",
        "5,084",
        "allo-HSCT",
        "CR, MRD-negative",
    ]
    places = [course.index(words) for words in told]
    assert places == sorted(places)


def test_sections_without_content_are_not_there():
    html = patient_page(view(PatientRecords(PatientInfo("P02")), risk=(), response=(), flags=(), missing=()))
    for section in ("figures", "clones", "course"):
        assert f'id="{section}"' not in html
        assert f'href="#{section}"' not in html


def test_markers_that_move_together_are_a_group():
    items = tuple(
        seen(sample, marker, "panel", Technique.DNA_SEQUENCING, 7, quantity="vaf", level=level, counts=Counts(alt=level * 5000, depth=5000))
        for marker, levels in {"ASXL1": (0.4, 0.1, 0.02), "NPM1": (0.36, 0.09, 0.018)}.items()
        for sample, level in zip(("dx", "d17", "hsct"), levels, strict=True)
    )  # fmt: skip
    data = records()
    npm1 = Marker("NPM1", MarkerKind.SMALL_VARIANT, "NPM1 p.W288fs", ("NPM1",))
    others = tuple(item for item in data.observations if item.marker != "ASXL1")
    text = Text(patient_page(view(replace(data, markers=(*data.markers, npm1), observations=(*others, *items))))).text
    assert "Group 1 moves together: ASXL1 p.G646Wfs*12, NPM1 p.W288fs (VAF, BM)." in text


def test_words_stand_before_the_scripts(html):
    assert html.index("<tbody>") < html.index("<script")
    assert html.rindex("</table>") < html.index('id="plotly"')


def test_the_policy_allows_exactly_the_scripts_of_the_page(html):
    [policy] = [a["content"] for tag, a in Text(html).tags if a.get("http-equiv") == "Content-Security-Policy"]
    script = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)[-1]
    packed = re.search(r'<script type="text/plain" id="plotly">(.*?)</script>', html)[1]
    plotly = gzip.decompress(base64.b64decode(packed)).decode()
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in (script, plotly)}
    assert set(re.search(r"script-src ([^;]*);", policy)[1].split()) == hashes
    assert policy.startswith("default-src 'none';")


def test_nothing_is_loaded_from_anywhere(html):
    for tag, attributes in Text(html).tags:
        assert tag not in {"link", "img", "iframe", "object"}
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
        assert not any(name.startswith("on") for name in attributes)


def test_hostile_text_is_text():
    html = patient_page(hostile_view())
    page = Text(html)
    shown = HOSTILE.replace("\u202e", "⟨U+202E⟩")
    assert shown in page.text
    assert "img" not in {tag for tag, _ in page.tags}
    assert html.count("<script") == 3
    assert "\u202e" not in html
    json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])


def test_hostile_text_is_text_in_every_section():
    html = patient_page(hostile_view())
    shown = HOSTILE.replace("\u202e", "⟨U+202E⟩")
    sections = ["now", "verdicts", "missing", "course", "curves", "figures", "clones", "by-sample", "all"]
    for name, after in zip(sections, [*sections[1:], None], strict=True):
        end = html.index(f'<section id="{after}"') if after else html.index("</main>")
        part = Text(html[html.index(f'<section id="{name}"') : end])
        assert shown in part.text, name
        assert not {"script", "img"} & {tag for tag, _ in part.tags}, name


def test_hostile_identity_cannot_leave_the_print_footer():
    css = re.search(r"<style>(.*?)</style>", patient_page(hostile_view()), re.DOTALL)[1]
    footer = css[css.index("@page {") :]
    assert "<" not in footer
    assert footer.count("@bottom-left") == 1


def test_the_print_footer_names_patient_versions_and_audit_head(html):
    footer = html[html.index("@bottom-left") : html.index("</style>")]
    for words in ("Patient P01", "moltrack 0", "eln2022 1", "audit 9f2c", "not reviewed", "counter(page)"):
        assert words in footer


def test_equal_input_gives_the_same_bytes():
    assert patient_page(view()) == patient_page(view())


def test_only_the_stamp_differs_between_reports():
    def stamped(stamp: str) -> str:
        page = view()
        return patient_page(replace(page, provenance=replace(page.provenance, stamp=stamp)))

    assert stamped("FIRST").replace("FIRST", "SECOND") == stamped("SECOND")


def test_a_reviewer_is_named():
    page = view()
    page = replace(page, provenance=replace(page.provenance, reviewed_by="Dr. A. Example"))
    assert "Reviewed by Dr. A. Example." in Text(patient_page(page)).text


def test_a_verdict_that_does_not_apply_has_no_observed_category():
    verdict = replace(view().risk[0], applicable=False, as_observed="-")
    text = Text(patient_page(view(risk=(verdict,), response=()))).text
    assert "not applicable" in text
    assert "On what was tested" not in text


def test_every_table_has_headings_with_a_scope(html):
    headings = [a for tag, a in Text(html).tags if tag == "th"]
    assert headings
    assert all("scope" in attributes for attributes in headings)


def test_not_tested_is_a_dash_and_not_a_negative(html):
    row = re.search(
        r"<tr><th scope=\"row\">ASXL1[^\n]*matrix|<tr><th scope=\"row\">ASXL1.*?</tr>",
        html[html.index('class="matrix"') :],
        re.DOTALL,
    )[0]
    assert row.count("–") == 6
    assert "not detected" not in row


def test_a_patient_without_results_has_a_page():
    html = patient_page(view(PatientRecords(PatientInfo("P02")), risk=(), response=(), flags=(), missing=()))
    assert "No series to draw." in Text(html).text
    assert 'id="plotly"' not in html


def test_hidden_markers_are_counted_not_listed():
    hidden = Marker("ASXL1", MarkerKind.SMALL_VARIANT, "ASXL1", tracked=False)
    data = records()
    data = replace(data, markers=(hidden, *data.markers[1:]))
    text = Text(patient_page(view(data))).text
    assert "1 further result of markers that are kept but not followed is not listed." in text


def test_trend_page_shows_chosen_markers_without_verdicts():
    text = Text(trend_page(view(), markers=["TP53 deletion"])).text
    assert "TP53 deletion" in text
    assert "FLT3-ITD" not in text.replace("FLT3-ITD 5.9 % and SKAP2", "")
    assert "ELN 2017" not in text


def test_long_tables_wait_as_text_and_stand_without_javascript():
    html = patient_page(wide_view())
    assert html.count('<noscript class="waiting">') == html.count("</noscript>") == 3
    assert "<noscript" not in patient_page(view())


def test_a_figure_of_many_results_names_the_first_ones():
    assert "and 45 more, in the table of all results" in patient_page(wide_view())


def test_hundred_series_of_fifty_points_stay_below_6_mb():
    html = patient_page(wide_view())
    assert len(html.encode()) < 6_000_000
    assert html.count("<td>panel.vcf.gz:") == 5000
