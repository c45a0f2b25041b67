"""Vignettes of cytogenetic risk written as a laboratory writes them: an ISCN string and the panel's genes, in a table."""

from __future__ import annotations

import pytest
from vignettes_risk import PANEL, VIGNETTES

from moltrack.pipeline import read_karyotype
from moltrack.rules import classify_rows, load_ruleset, risk_rulesets

KARYOTYPES = {
    "R01": "46,XX,t(8;21)(q22;q22)[20]",
    "R04": "46,X,-Y,t(8;21)(q22;q22),del(9)(q22),+8[20]",
    "R05": "46,XY,inv(16)(p13.1q22)[20]",
    "R06": "45,XX,t(8;21)(q22;q22),-7[20]",
    "R08": "46,XX[20]",
    "R10": "46,XX[20]",
    "R22": "45,XX,-7[20]",
    "R23": "46,XX,t(9;11)(p21.3;q23.3)[20]",
    "R24": "46,XX,t(11;19)(q23;p13.1)[20]",
    "R27": "46,XY[20]",
    "R39": "46,XX,t(9;11)(p22;q23)[20]",
    "R42": "45,XX,-7,t(9;11)(p21.3;q23.3)[20]",
    "R43": "46,XX,t(6;11)(q27;q23)[20]",
    "R46": "46,XX,t(8;16)(p11.2;p13.3)[20]",
    "R47": "46,XX,t(3;21)(q26.2;q22)[20]",
    "R48": "46,XX,inv(3)(q21.3q26.2)[20]",
    "R49": "46,XX,t(6;9)(p23;q34.1)[20]",
    "R50": "46,XX,t(9;22)(q34.1;q11.2)[20]",
    "R51": "49,XX,+8,+13,+21[20]",
    "R52": "50,XY,+8,+13,+21,+22,del(12)(p12)[20]",
    "R53": "45,XX,-7[20]",
    "R54": "46,XX,del(7)(q22)[20]",
    "R55": "45,X,-Y[20]",
    "R56": "45,XX,-18,del(12)(p12)[20]",
    "R57": "44,XX,-18,-21[20]",
    "R58": "46,XX,i(17)(q10)[20]",
    "R59": "46,XX,t(2;3)(p21;q27),del(13)(q14),add(19)(p13)[20]",
    "R62": "failed",
    "R64": "",
    "R66": "44,XX,-5,-17,+mar[20]",
    "R67": "46,XX,t(15;17)(q24;q21)[20]",
}
GENES = (*PANEL, "NPM1", "FLT3_ITD")


@pytest.mark.parametrize("ruleset", risk_rulesets())
@pytest.mark.parametrize("vignette", [v for v in VIGNETTES if v.id in KARYOTYPES], ids=lambda v: v.id)
def test_vignette_from_its_karyotype(vignette, ruleset: str) -> None:  # type: ignore[no-untyped-def]
    cells = {gene: "1" if gene in vignette.present else "" if gene in vignette.unknown else "0" for gene in GENES}
    cells |= {name: f"{low:g}" for name, (low, _) in vignette.numbers.items()}
    row = {"patient": vignette.id, "karyotype": KARYOTYPES[vignette.id], **cells}
    [result] = classify_rows(load_ruleset(ruleset), [row], karyotype=read_karyotype)
    assert result["problems"] == ()
    assert result["category"] == getattr(vignette, ruleset), vignette.why
