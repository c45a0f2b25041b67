"""Every vignette of genetic risk through the public API."""

from __future__ import annotations

import pytest
from vignettes_risk import EVERYTHING, TENTATIVE, VIGNETTES, Vignette

from moltrack.model import Truth
from moltrack.rules import Inputs, Number, evaluate, load_ruleset, risk_rulesets


def inputs(vignette: Vignette) -> Inputs:
    answers = dict.fromkeys(EVERYTHING, Truth.NO)
    answers |= dict.fromkeys(vignette.unknown, Truth.UNKNOWN) | dict.fromkeys(vignette.present, Truth.YES)
    return Inputs(answers, {name: Number(low, high, "") for name, (low, high) in vignette.numbers.items()})


@pytest.mark.parametrize("ruleset", ["eln2017", "eln2022", "eln2024li"])
@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette.id)
def test_vignette(vignette: Vignette, ruleset: str) -> None:
    verdict = evaluate(load_ruleset(ruleset), inputs(vignette))
    assert verdict.text == getattr(vignette, ruleset), vignette.why


@pytest.mark.parametrize(
    ("vignette", "ruleset"),
    [(v, ruleset) for v in VIGNETTES for ruleset in v.flags],
    ids=lambda value: getattr(value, "id", value),
)
def test_vignette_flags(vignette: Vignette, ruleset: str) -> None:
    assert vignette.flags[ruleset] in evaluate(load_ruleset(ruleset), inputs(vignette)).flags


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette.id)
def test_less_intensive_is_tentative_where_the_row_of_other_abnormalities_decides(vignette: Vignette) -> None:
    verdict = evaluate(load_ruleset("eln2024li"), inputs(vignette))
    assert ("tentative" in verdict.flags) == (vignette.id in TENTATIVE)


def test_ratio_not_reported_stays_open_as_observed() -> None:
    [r11] = [vignette for vignette in VIGNETTES if vignette.id == "R11"]
    assert evaluate(load_ruleset("eln2017"), inputs(r11)).as_observed == "NA{F,I}"


def test_every_risk_guideline_is_listed() -> None:
    assert risk_rulesets() == ("eln2017", "eln2022", "eln2024li")
