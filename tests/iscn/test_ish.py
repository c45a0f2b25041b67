"""``nuc ish`` and ``ish`` strings."""

from __future__ import annotations

import pytest

from moltrack.iscn import Pattern, Signal, parse_ish


def one(name: str, copies: int | None = None, **other: object) -> Signal:
    return Signal((name,), copies, copies, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        pytest.param("nuc ish(TP53x1,D17Z1x2)[144/200]", [Pattern((one("TP53", 1), one("D17Z1", 2)), 144, 200)], id="deletion"),
        pytest.param(
            "nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[174/200]",
            [Pattern((one("ABL1", 3), one("BCR", 3), Signal(("ABL1", "BCR"), 2, 2, "con")), 174, 200)],
            id="fusion",
        ),
        pytest.param(
            "nuc ish(KMT2Ax2)(5’KMT2A sep 3’KMT2Ax1)[50/100]",
            [Pattern((one("KMT2A", 2), Signal(("5'KMT2A", "3'KMT2A"), 1, 1, "sep")), 50, 100)],
            id="break-apart",
        ),
        pytest.param(
            "nuc ish(5'ETV6x1,3'ETV6x2)(5'ETV6 con3'ETV6x1)[110/200]",
            [Pattern((one("5'ETV6", 1), one("3'ETV6", 2), Signal(("5'ETV6", "3'ETV6"), 1, 1, "con")), 110, 200)],
            id="no-space",
        ),
        pytest.param(
            "nuc ish(CRLF2x2)[200],(RUNX1T1x3,RUNX1x2)[71/200]",
            [Pattern((one("CRLF2", 2),), 200, 200), Pattern((one("RUNX1T1", 3), one("RUNX1", 2)), 71, 200)],
            id="two-results",
        ),
        pytest.param(
            "nuc ish(D8Z2×3)[20/200]/(D8Z2x4)[5/200]",
            [Pattern((one("D8Z2", 3),), 20, 200, 1), Pattern((one("D8Z2", 4),), 5, 200, 2)],
            id="clones",
        ),
        pytest.param(
            "nuc ish 9q34(ABLX2),22q11(BCRX4)",
            [Pattern((one("ABL", 2, location="9q34"),)), Pattern((one("BCR", 4, location="22q11"),))],
            id="old-style",
        ),
        pytest.param("nuc ish(ETV6x1,ETV6 dimx1)", [Pattern((one("ETV6", 1), one("ETV6", 1, mark="dim")))], id="diminished"),
        pytest.param("nuc ish(MYCx3~5,MYCNx10+)[20]", [Pattern((Signal(("MYC",), 3, 5), Signal(("MYCN",), 10)), 20, 20)], id="ranges"),
        pytest.param(
            "nuc ish(D5S23,D5S721x2,EGR1x1)[100/200]",
            [Pattern((one("D5S23", 2), one("D5S721", 2), one("EGR1", 1)), 100, 200)],
            id="copies-of-two-probes",
        ),
        pytest.param(
            "nuc ish(ABL1x3),(BCRx3),(ABL1 con BCRx2)[174/200]",
            [Pattern((one("ABL1", 3), one("BCR", 3), Signal(("ABL1", "BCR"), 2, 2, "con")), 174, 200)],
            id="results-that-share-their-cells",
        ),
        pytest.param("nuc ish(TP53x1) 20/20", [Pattern((one("TP53", 1),), 20, 20)], id="cells-without-brackets"),
        pytest.param("NUC ISH (EGR1x1)(D5S23x2) [ 45 / 200 ]", [Pattern((one("EGR1", 1), one("D5S23", 2)), 45, 200)], id="capitals-and-spaces"),
        pytest.param(
            "ish t(9;22)(ABL1+;BCR+)[20]",
            [Pattern((one("ABL1", present=True), one("BCR", present=True)), 20, 20, event="t(9;22)")],
            id="metaphase",
        ),
        pytest.param("ish del(22)(q11.2q11.2)(HIRA-)", [Pattern((one("HIRA", present=False),), event="del(22)(q11.2q11.2)")], id="metaphase-deletion"),
    ],
)  # fmt: skip
def test_patterns(text: str, patterns: list[Pattern]) -> None:
    read = parse_ish(text)
    assert list(read.patterns) == patterns
    assert read.problems == ()


def test_nuclear_or_metaphase() -> None:
    assert parse_ish("nuc ish(TP53x1)").nuclear
    assert not parse_ish("ish 17p13(TP53x1)").nuclear


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("gain of 1q in 7/20", "'gain of 1q in' is not understood"),
        ("nuc ish(TP53x1)[300/200]", "300 of 200 cells"),
        ("nuc ish", "no probe found in 'nuc ish'"),
    ],
)
def test_problems_are_named(text: str, problem: str) -> None:
    assert problem in parse_ish(text).problems[0]
