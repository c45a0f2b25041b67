"""Laws of the three-valued engine, and the guidelines written a second time, by hand, to compare with.

The functions ``rows_2022`` and ``rows_2017`` follow Döhner, Blood 2022;140:1345, Table 6 and Döhner, Blood 2017;129:424, Table 5 as plain
Python over a completely known patient; they share no code with the engine. A partly known patient is compared by trying every value of
every unknown finding one by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moltrack.errors import RuleError
from moltrack.model import Truth, Verdict
from moltrack.rules import Inputs, Number, evaluate, load_ruleset, risk_rulesets

MR_GENES = ("ASXL1", "BCOR", "EZH2", "RUNX1", "SF3B1", "SRSF2", "STAG2", "U2AF1", "ZRSR2")
FUSIONS = (
    "t_8_21",
    "inv16_t16_16",
    "t_9_11",
    "t_v_11q23_other",
    "t_6_9",
    "t_9_22",
    "t_8_16",
    "inv3_t3_3",
    "mecom_other",
)
LOSSES = ("minus5_5q", "minus7", "minus17_abn17p", "complex", "monosomal", "hyperdiploid")
FINDINGS = (*FUSIONS, *LOSSES, "NPM1", "CEBPA_bZIP", "CEBPA_biallelic", *MR_GENES)

#: The values of the two findings with a level: absent, below the threshold, at least the threshold.
LEVELS = ("absent", "low", "high")

Known = Mapping[str, object]  # one completion: bool by finding; FLT3_ITD and TP53 hold one of LEVELS


@dataclass(frozen=True)
class Partial:
    """A patient of whom something is known: the values that are still possible, finding by finding."""

    possible: Mapping[str, tuple[object, ...]]
    partner_unknown: bool = False

    def completions(self) -> list[dict[str, object]]:
        names = list(self.possible)
        every = [dict(zip(names, values, strict=True)) for values in itertools.product(*self.possible.values())]
        if self.partner_unknown:  # KMT2A is rearranged: with MLLT3 or with another partner
            return [known for known in every if known["t_9_11"] or known["t_v_11q23_other"]]
        return every

    def inputs(self) -> Inputs:
        answers: dict[str, Truth] = {}
        numbers: dict[str, Number] = {}
        for name, values in self.possible.items():
            if name in {"FLT3_ITD", "TP53"}:
                answers[name] = truth({value != "absent" for value in values})
                threshold, number = (0.5, "FLT3_ITD_AR") if name == "FLT3_ITD" else (0.10, "TP53_VAF")
                if values in {("low",), ("high",)}:
                    level = threshold if values == ("high",) else threshold - 0.001
                    numbers[number] = Number(level, level, "")
            else:
                answers[name] = truth(set(values))
        if self.partner_unknown:
            answers["kmt2a_r_partner_unknown"] = Truth.YES
        return Inputs(answers, numbers)


def truth(values: set[object]) -> Truth:
    return Truth.UNKNOWN if len(values) > 1 else Truth.YES if values == {True} else Truth.NO


@st.composite
def partials(draw: st.DrawFn, most_unknown: int = 7) -> Partial:
    unknown = draw(st.lists(st.sampled_from((*FINDINGS, "FLT3_ITD", "TP53")), max_size=most_unknown, unique=True))
    present = draw(st.lists(st.sampled_from(FINDINGS), max_size=4, unique=True))
    possible: dict[str, tuple[object, ...]] = {
        name: (False, True) if name in unknown else (name in present,) for name in FINDINGS
    }
    for name in ("FLT3_ITD", "TP53"):
        level = draw(st.sampled_from([("absent",), ("absent",), ("low",), ("high",), ("low", "high")]))
        possible[name] = LEVELS if name in unknown else level
    partner = draw(st.booleans()) and {"t_9_11", "t_v_11q23_other"} <= set(unknown)
    return Partial(possible, partner)


# --- the guidelines by hand -------------------------------------------------------------------------------------------

#: Row -> (category, rows that it gives way to because the guideline or a plain derivation says so).
Rows = dict[str, tuple[str, tuple[str, ...]]]


def rows_2022(p: Known) -> Rows:
    """The rows of Table 6 that hold for a completely known patient."""
    cbf = p["t_8_21"] or p["inv16_t16_16"]
    other_fusion = p["t_6_9"] or p["t_9_22"] or p["t_8_16"] or p["inv3_t3_3"] or p["mecom_other"]
    other_kmt2a = p["t_v_11q23_other"]
    class_defining = cbf or p["t_9_11"] or other_kmt2a or other_fusion
    itd = p["FLT3_ITD"] != "absent"
    found: Rows = {}
    if cbf:
        found["cbf"] = ("F", ())
    if p["t_9_11"]:
        found["t_9_11"] = ("I", ())
    if (
        other_fusion
        or other_kmt2a
        or p["minus5_5q"]
        or p["minus7"]
        or p["minus17_abn17p"]
        or (p["complex"] and not p["hyperdiploid"] and not class_defining)
        or (p["monosomal"] and not cbf)
    ):
        found["cytogenetics"] = ("A", ())
    if p["TP53"] == "high":
        found["tp53"] = ("A", ("t_9_11",))
    if p["CEBPA_bZIP"]:
        found["bzip"] = ("F", ())
    if p["NPM1"] and not itd:
        found["npm1"] = ("F", ("cytogenetics",))
    favorable = cbf or p["CEBPA_bZIP"] or (p["NPM1"] and not itd)
    if any(p[gene] for gene in MR_GENES) and not favorable:
        found["mr"] = ("A", ("t_9_11",))
    if itd and p["NPM1"]:
        found["npm1_itd"] = ("I", ("cytogenetics", "tp53", "mr"))
    if itd and not p["NPM1"]:
        found["itd"] = ("I", ("cbf", "cytogenetics", "tp53", "mr"))
    return found


ORDER_2022 = ("cbf", "t_9_11", "cytogenetics", "tp53", "bzip", "npm1", "mr", "npm1_itd", "itd")


def rows_2017(p: Known) -> Rows:
    """The rows of Table 5 that hold for a completely known patient."""
    cbf = p["t_8_21"] or p["inv16_t16_16"]
    other_fusion = p["t_6_9"] or p["t_9_22"] or p["inv3_t3_3"]
    other_kmt2a = p["t_v_11q23_other"]
    high = p["FLT3_ITD"] == "high"
    found: Rows = {}
    if cbf:
        found["cbf"] = ("F", ())
    if p["t_9_11"]:
        found["t_9_11"] = ("I", ())
    if (
        other_fusion
        or other_kmt2a
        or p["minus5_5q"]
        or p["minus7"]
        or p["minus17_abn17p"]
        or (p["complex"] and not (cbf or p["t_9_11"] or other_kmt2a or other_fusion))
        or (p["monosomal"] and not cbf)
    ):
        found["cytogenetics"] = ("A", ())
    if p["TP53"] != "absent":
        found["tp53"] = ("A", ("t_9_11",))
    if p["NPM1"] and not high:
        found["npm1"] = ("F", ())
    if p["CEBPA_biallelic"]:
        found["cebpa"] = ("F", ())
    if (p["RUNX1"] or p["ASXL1"]) and not (cbf or p["CEBPA_biallelic"] or (p["NPM1"] and not high)):
        found["runx1_asxl1"] = ("A", ("t_9_11",))
    if high and p["NPM1"]:
        found["npm1_high"] = ("I", ("cytogenetics", "tp53", "runx1_asxl1"))
    if high and not p["NPM1"]:
        found["itd_high"] = ("A", ("t_9_11",))
    return found


ORDER_2017 = ("cbf", "t_9_11", "cytogenetics", "tp53", "npm1", "cebpa", "itd_high", "npm1_high", "runx1_asxl1")

BY_HAND: dict[str, tuple[Callable[[Known], Rows], tuple[str, ...]]] = {
    "eln2022": (rows_2022, ORDER_2022),
    "eln2017": (rows_2017, ORDER_2017),
}


def standing(rows: Rows) -> dict[str, str]:
    """The rows that give way to none of the others, with their categories; intermediate by the residual row when none is left."""
    left = {name: category for name, (category, others) in rows.items() if not set(others) & set(rows)}
    return left or {"other": "I"}


def by_hand(ruleset: str, patient: Partial) -> tuple[str, bool]:
    """The verdict's text, and whether it rests on a convention in some completion."""
    rows_of, order = BY_HAND[ruleset]
    each = [rows_of(known) for known in patient.completions()]
    categories = set()
    silent = False
    for rows in each:
        left = standing(rows)
        silent |= len(set(left.values())) > 1
        categories.add(next((left[name] for name in order if name in left), "I"))
    certain = {name: each[0][name] for name in each[0] if all(name in rows for rows in each)}
    observed = {
        name: category
        for name, (category, _) in certain.items()
        if not any(set(rows[name][1]) & set(certain) for rows in each)
    }
    if len(set(observed.values())) > 1:
        usual = categories.copy().pop() if len(categories) == 1 else next(observed[n] for n in order if n in observed)
        return f"NA{{{listed(categories | set(observed.values()))}}}; conv {usual}", True
    if len(categories) > 1:
        return f"NA{{{listed(categories)}}}", silent
    return categories.pop(), silent


def listed(categories: set[str]) -> str:
    return ",".join(name for name in "FIA" if name in categories)


@pytest.mark.parametrize("ruleset", sorted(BY_HAND))
@given(patient=partials())
@settings(max_examples=300)
def test_verdict_equals_the_guideline_by_hand_over_every_completion(ruleset: str, patient: Partial) -> None:
    verdict = evaluate(load_ruleset(ruleset), patient.inputs())
    text, silent = by_hand(ruleset, patient)
    assert verdict.text == text
    if verdict.category is not None:
        assert (verdict.basis == "convention") == silent


# --- laws -------------------------------------------------------------------------------------------------------------

QUESTIONS = (
    *FINDINGS,
    "FLT3_ITD",
    "TP53",
    "IDH1",
    "IDH2",
    "NRAS",
    "KRAS",
    "DDX41",
    "aza_ivo",
    "hma_pretreated",
    "KMT2A_PTD",
)
ANSWERS = st.sampled_from([Truth.NO, Truth.NO, Truth.UNKNOWN, Truth.UNKNOWN, Truth.YES])
PATIENTS = st.fixed_dictionaries(dict.fromkeys(QUESTIONS, ANSWERS))
DECIDED = st.sampled_from([Truth.YES, Truth.NO])


@pytest.mark.parametrize("ruleset", risk_rulesets())
@given(answers=PATIENTS, tests=st.dictionaries(st.sampled_from(QUESTIONS), DECIDED, max_size=8))
@settings(max_examples=200)
def test_a_further_test_never_turns_a_category_into_another(
    ruleset: str, answers: dict[str, Truth], tests: dict[str, Truth]
) -> None:
    rules = load_ruleset(ruleset)
    before = evaluate(rules, Inputs(answers))
    tested = {name: tests.get(name, value) if value is Truth.UNKNOWN else value for name, value in answers.items()}
    after = evaluate(rules, Inputs(tested))
    if before.category is None or not after.applicable:
        return
    if after.category is None:
        assert (before.basis, after.convention) == ("convention", before.category)
    else:
        assert after.category == before.category


@pytest.mark.parametrize("ruleset", risk_rulesets())
@given(answers=PATIENTS, tests=st.dictionaries(st.sampled_from(QUESTIONS), DECIDED, max_size=8))
@settings(max_examples=100)
def test_a_further_test_never_makes_a_category_possible_that_was_not(
    ruleset: str, answers: dict[str, Truth], tests: dict[str, Truth]
) -> None:
    rules = load_ruleset(ruleset)
    before = evaluate(rules, Inputs(answers))
    tested = {name: tests.get(name, value) if value is Truth.UNKNOWN else value for name, value in answers.items()}
    after = evaluate(rules, Inputs(tested))
    if before.applicable and after.category is not None:
        assert after.category in before.possible


@pytest.mark.parametrize("ruleset", risk_rulesets())
@given(answers=PATIENTS, other=DECIDED)
def test_a_gene_that_the_guideline_does_not_read_changes_nothing(
    ruleset: str, answers: dict[str, Truth], other: Truth
) -> None:
    rules = load_ruleset(ruleset)
    assert bare(evaluate(rules, Inputs({**answers, "PHF6": other}))) == bare(evaluate(rules, Inputs(answers)))


@pytest.mark.parametrize("ruleset", risk_rulesets())
@given(answers=PATIENTS)
def test_the_order_of_answers_does_not_matter(ruleset: str, answers: dict[str, Truth]) -> None:
    rules = load_ruleset(ruleset)
    turned = dict(reversed(list(answers.items())))
    assert bare(evaluate(rules, Inputs(turned))) == bare(evaluate(rules, Inputs(answers)))


@pytest.mark.parametrize("ruleset", risk_rulesets())
@given(answers=PATIENTS)
@settings(max_examples=100)
def test_the_tests_that_would_decide_are_tests_not_done(ruleset: str, answers: dict[str, Truth]) -> None:
    """A verdict that stays open without a conflict of observed rows names at least one test."""
    verdict = evaluate(load_ruleset(ruleset), Inputs(answers))
    if verdict.applicable and verdict.category is None and not verdict.convention:
        assert verdict.deciding
    else:
        assert not verdict.deciding


def bare(verdict: Verdict) -> Verdict:
    """Without the tree."""
    return replace(verdict, rules=(), predicates=())


# --- thresholds -------------------------------------------------------------------------------------------------------

NOTHING = dict.fromkeys(QUESTIONS, Truth.NO)


@pytest.mark.parametrize(
    ("present", "level", "eln2017", "eln2022"),
    [
        pytest.param("NPM1", 0.499, "F", "I", id="npm1-below"),
        pytest.param("NPM1", 0.5, "I", "I", id="npm1-at"),
        pytest.param("NPM1", 0.501, "I", "I", id="npm1-above"),
        pytest.param("", 0.499, "I", "I", id="wild-type-below"),
        pytest.param("", 0.5, "A", "I", id="wild-type-at"),
        pytest.param("", 0.501, "A", "I", id="wild-type-above"),
    ],
)
def test_allelic_ratio_is_high_from_one_half_on(present: str, level: float, eln2017: str, eln2022: str) -> None:
    answers = NOTHING | {"FLT3_ITD": Truth.YES} | ({present: Truth.YES} if present else {})
    inputs = Inputs(answers, {"FLT3_ITD_AR": Number(level, level, "")})
    assert evaluate(load_ruleset("eln2017"), inputs).text == eln2017
    assert evaluate(load_ruleset("eln2022"), inputs).text == eln2022


@pytest.mark.parametrize(
    ("level", "eln2022"),
    [
        pytest.param(0.0999, "I", id="below"),
        pytest.param(0.10, "A", id="at"),
        pytest.param(0.1001, "A", id="above"),
    ],
)
def test_tp53_counts_from_ten_percent_on_in_2022_and_always_in_2017(level: float, eln2022: str) -> None:
    inputs = Inputs(NOTHING | {"TP53": Truth.YES}, {"TP53_VAF": Number(level, level, "")})
    assert evaluate(load_ruleset("eln2022"), inputs).text == eln2022
    assert evaluate(load_ruleset("eln2017"), inputs).text == "A"


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [
        pytest.param(0.49, 0.5, Truth.NO, id="ends-at-the-threshold"),
        pytest.param(0.5, 0.51, Truth.YES, id="begins-at-the-threshold"),
        pytest.param(0.49, 0.51, Truth.UNKNOWN, id="straddles"),
    ],
)
def test_an_interval_reaches_the_threshold_only_as_a_whole(low: float, high: float, answer: Truth) -> None:
    assert Number(low, high, "").at_least(0.5) is answer


def test_contradicting_inputs_are_refused() -> None:
    """An ITD of high ratio that is not there."""
    with pytest.raises(RuleError, match="the inputs contradict each other"):
        evaluate(load_ruleset("eln2017"), Inputs({"FLT3_ITD": Truth.NO, "FLT3_ITD_high": Truth.YES}))
