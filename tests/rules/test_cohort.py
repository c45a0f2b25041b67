"""A table of patients: what cells mean, what is refused, and that unknown stays unknown."""

from __future__ import annotations

from typing import Any

import pytest
from test_risk_vignettes import inputs
from vignettes_risk import EVERYTHING, VIGNETTES, Vignette

from moltrack.errors import InputError
from moltrack.model import Karyotype, Truth
from moltrack.pipeline import read_karyotype
from moltrack.rules import RESULTS, classify_rows, column_meanings, column_names, load_ruleset


def row(**cells: str) -> dict[str, str]:
    return {"patient": "P1", "row": "2"} | cells


def classified(cells: dict[str, str], ruleset: str = "eln2022", **options: Any) -> dict[str, Any]:
    [found] = classify_rows(load_ruleset(ruleset), [cells], **options)
    return found


def complete(**cells: str) -> dict[str, str]:
    """Everything tested and absent but these."""
    return row(**(dict.fromkeys(EVERYTHING, "0") | cells))


# --- the vignettes as a table -----------------------------------------------------------------------------------------


def as_cells(vignette: Vignette) -> dict[str, str]:
    cells = {Truth.YES: "1", Truth.NO: "0", Truth.UNKNOWN: ""}
    found = row(**{name: cells[answer] for name, answer in inputs(vignette).answers.items()})
    return found | {name: f"{low:g}" for name, (low, _) in vignette.numbers.items()}


@pytest.mark.parametrize("ruleset", ["eln2017", "eln2022", "eln2024li"])
@pytest.mark.parametrize(
    "vignette",
    # a cell holds one number, so the vignettes of an interval are left out
    [v for v in VIGNETTES if all(low == high for low, high in v.numbers.values())],
    ids=lambda v: v.id,
)
def test_vignettes_as_a_table(vignette: Vignette, ruleset: str) -> None:
    found = classified(as_cells(vignette), ruleset)
    assert found["problems"] == ()
    assert found["category"] == getattr(vignette, ruleset)


def test_result_columns_are_those_documented() -> None:
    assert set(classified(complete())) == {*RESULTS, "row", "problems"}


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["1", "yes", "Present", "mutated", "+"])
def test_words_for_present(word: str) -> None:
    assert classified(complete(NPM1=word))["category"] == "F"


@pytest.mark.parametrize("word", ["0", "no", "WT", "negative", "-"])
def test_words_for_absent(word: str) -> None:
    assert classified(complete(NPM1=word))["category"] == "I"


@pytest.mark.parametrize("word", ["", "NA", "?", "unknown", "n.d."])
def test_empty_stays_unknown(word: str) -> None:
    found = classified(complete(NPM1=word))
    assert (found["category"], found["as_observed"], found["deciding"]) == ("NA{F,I}", "I", "NPM1 mutation")


def test_empty_is_absent_when_the_user_says_so() -> None:
    assert classified(complete(NPM1=""), assume_absent=True)["category"] == "I"


def test_a_column_that_is_not_there_stays_unknown_in_any_case() -> None:
    cells = complete()
    del cells["NPM1"]
    assert classified(cells, assume_absent=True)["category"] == "NA{F,I}"


@pytest.mark.parametrize(
    ("cell", "category"),
    [
        pytest.param("0.49", "F", id="below"),
        pytest.param("0.5", "I", id="at"),
        pytest.param("49 %", "F", id="percent-below"),
        pytest.param("59.4%", "I", id="percent-above"),
        pytest.param("<0.5", "F", id="less-than"),
        pytest.param(">0.5", "I", id="more-than"),
        pytest.param("<=0.5", "NA{F,I}", id="at-most"),
        pytest.param("<0.6", "NA{F,I}", id="straddles"),
        pytest.param("", "NA{F,I}", id="not-reported"),
    ],
)
def test_allelic_ratio_cells(cell: str, category: str) -> None:
    assert classified(complete(NPM1="1", FLT3_ITD="1", FLT3_ITD_AR=cell), "eln2017")["category"] == category


def test_a_ratio_says_that_the_itd_is_there() -> None:
    assert classified(complete(NPM1="1", FLT3_ITD="", FLT3_ITD_AR="0.2"))["category"] == "I"


def test_a_ratio_of_zero_says_that_it_is_not() -> None:
    assert classified(complete(NPM1="1", FLT3_ITD="", FLT3_ITD_AR="0"))["category"] == "F"


def test_a_ratio_over_ten_is_marked() -> None:
    """Perhaps percent without its sign; never guessed from its size."""
    assert "ratio_over_10" in classified(complete(FLT3_ITD="1", FLT3_ITD_AR="59.4"))["flags"]


def test_a_minor_is_marked() -> None:
    assert "minor" in classified(complete(age="17"))["flags"].split(";")


def test_reasons_are_the_rows_that_hold() -> None:
    assert classified(complete(TP53="1", TP53_VAF="0.3"))["reasons"] == (
        "mutated TP53 at a variant allele fraction of at least 10 %"
    )
    assert classified(complete())["reasons"].startswith("cytogenetic or molecular abnormalities not classified")
    assert classified(complete(t_15_17="1"))["reasons"].startswith("acute promyelocytic leukaemia")


def test_a_kmt2a_rearrangement_without_partner_is_open_even_if_empty_means_absent() -> None:
    cells = complete(kmt2a_r_partner_unknown="1", t_9_11="", t_v_11q23_other="")
    assert classified(cells, assume_absent=True)["category"] == "NA{I,A}"


# --- karyotype --------------------------------------------------------------------------------------------------------

CYTOGENETIC = [
    name for name, _ in read_karyotype("46,XX").flags if name in column_meanings() and name != "kmt2a_r_partner_unknown"
]


def with_karyotype(text: str, **cells: str) -> dict[str, Any]:
    found = complete(**cells)
    for name in [*CYTOGENETIC, "kmt2a_r_partner_unknown"]:
        if name not in cells:
            found.pop(name, None)
    return classified(found | {"karyotype": text}, karyotype=read_karyotype)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        pytest.param("46,XX[20]", "I", id="normal"),
        pytest.param("46,XX,t(8;21)(q22;q22)[20]", "F", id="cbf"),
        pytest.param("45,XX,-7[20]", "A", id="minus7"),
        pytest.param("46,XX,del(7)(q22)[20]", "I", id="del7q-is-not-minus7"),
        pytest.param("49,XX,+8,+13,+21[20]", "I", id="hyperdiploid-is-not-complex"),
        pytest.param("46,XX,t(9;11)(p21.3;q23.3)[20]", "I", id="t-9-11"),
    ],
)
def test_a_karyotype_answers_the_cytogenetic_columns(text: str, category: str) -> None:
    assert with_karyotype(text)["category"] == category


def test_few_metaphases_show_no_absence() -> None:
    found = with_karyotype("46,XX[10]", NPM1="1")
    assert (found["category"], found["flags"]) == ("NA{F,I,A}", "metaphases_lt_20")


def test_few_metaphases_still_show_a_presence() -> None:
    found = with_karyotype("46,XX,inv(3)(q21q26)[10]", ASXL1="1")
    assert "adverse" in found["reasons"]


def test_a_karyotype_without_counts_is_taken_as_whole_and_marked() -> None:
    found = with_karyotype("46,XX", NPM1="1")
    assert (found["category"], found["flags"]) == ("F", "metaphases_not_stated")


@pytest.mark.parametrize("text", ["", "failed", "NA", "no metaphases"])
def test_no_karyotype_is_unknown(text: str) -> None:
    assert with_karyotype(text, NPM1="1")["category"] == "NA{F,I,A}"


def test_a_column_wins_over_the_karyotype_and_that_is_marked() -> None:
    found = with_karyotype("46,XX[20]", t_8_21="1")
    assert (found["category"], found["flags"]) == ("F", "column_over_karyotype")


def test_an_empty_column_leaves_the_karyotype_its_word() -> None:
    assert with_karyotype("46,XX,t(8;21)(q22;q22)[20]", t_8_21="")["category"] == "F"


def test_a_karyotype_is_read_once_for_equal_strings() -> None:
    asked: list[str] = []

    def reader(text: str) -> Karyotype:
        asked.append(text)
        return read_karyotype(text)

    rows = [{"patient": name, "karyotype": "46,XX[20]"} for name in "ABC"]
    assert len(list(classify_rows(load_ruleset("eln2022"), rows, karyotype=reader))) == 3
    assert asked == ["46,XX[20]"]


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        pytest.param({"NPM1": "2"}, "column 'NPM1' holds '2', expected 1, 0 or nothing.", id="finding"),
        pytest.param(
            {"TP53_VAF": "35"}, r"column 'TP53_VAF' holds '35', expected a fraction from 0 to 1", id="percent"
        ),
        pytest.param({"TP53_VAF": "high"}, "column 'TP53_VAF' holds 'high', expected a number.", id="word"),
        pytest.param({"FLT3_ITD_AR": "-0.1"}, "expected a ratio from 0 on", id="negative"),
        pytest.param({"FLT3_ITD_AR": "<"}, "column 'FLT3_ITD_AR' holds '<', expected a number.", id="no-digits"),
        pytest.param({"age": "old"}, "column 'age' holds 'old', expected years.", id="age"),
        pytest.param({"age": "400"}, "expected years from 0 to 130.", id="age-range"),
        pytest.param({"karyotype": "gibberish"}, "column 'karyotype' holds 'gibberish': ", id="karyotype"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_and_counts_as_not_known(cells: dict[str, str], problem: str) -> None:
    found = classified(complete(**cells), karyotype=read_karyotype)
    empty = classified(complete(**dict.fromkeys(cells, "")), karyotype=read_karyotype)
    assert any(problem in text for text in found.pop("problems"))
    empty.pop("problems")
    assert found == empty


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        pytest.param(
            {"FLT3_ITD": "0", "FLT3_ITD_AR": "0.3"}, "'FLT3_ITD_AR' holds '0.3', but 'FLT3_ITD' is 0.", id="ratio"
        ),
        pytest.param({"patient": ""}, "column 'patient' is empty.", id="patient"),
    ],
)
def test_a_row_that_contradicts_itself_has_no_verdict(cells: dict[str, str], problem: str) -> None:
    found = classified(complete(**cells), karyotype=read_karyotype)
    assert "category" not in found
    assert any(problem in text for text in found["problems"])


def test_every_problem_of_a_row_is_told() -> None:
    assert len(classified(complete(NPM1="2", TP53="x", age="y"))["problems"]) == 3


def test_a_patient_twice_is_named_with_the_first_row() -> None:
    rows = [complete(), complete() | {"row": "3"}]
    _, second = classify_rows(load_ruleset("eln2022"), rows)
    assert second["problems"] == ("patient 'P1' stands in row 2 already.",)


# --- columns ----------------------------------------------------------------------------------------------------------


def test_spelling_of_columns_is_forgiving() -> None:
    assert column_names(["Patient", "flt3-itd", "FLT3 ITD AR", "npm1", "T_8_21"]) == {
        "Patient": "patient",
        "flt3-itd": "FLT3_ITD",
        "FLT3 ITD AR": "FLT3_ITD_AR",
        "npm1": "NPM1",
        "T_8_21": "t_8_21",
    }


def test_a_gene_that_no_guideline_reads_may_be_there() -> None:
    assert column_names(["patient", "PHF6"])["PHF6"] == "PHF6"
    assert classified(complete(PHF6="1"))["category"] == classified(complete())["category"]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        pytest.param(["patient", "sex"], "'sex' is not a column of a patient table", id="unknown"),
        pytest.param(["patient", "kmt2a_r"], "'kmt2a_r' is not a column", id="derived"),
        pytest.param(["patient", "NPM1", "npm1"], r"the column 'NPM1' is there twice \(again as 'npm1'\)", id="twice"),
        pytest.param(["NPM1"], "has no column 'patient'", id="no-patient"),
    ],
)
def test_columns_that_are_refused(header: list[str], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        column_names(header)


def test_every_column_problem_is_told_at_once() -> None:
    with pytest.raises(InputError) as raised:
        column_names(["sex", "label", "NPM1"])
    assert len(raised.value.message.splitlines()) == 3
