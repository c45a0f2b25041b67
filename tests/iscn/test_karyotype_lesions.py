"""Named lesions: breakpoints, gains and losses, counting. Bands as Döhner, Blood 2022;140:1345, Table 6 prints them."""

from __future__ import annotations

import pytest

from moltrack.iscn import FLAGS, parse
from moltrack.model import Change, Imbalance


def true_flags(text: str) -> set[str]:
    return {flag for flag, value in parse(text).flags.items() if value}


def open_flags(text: str) -> set[str]:
    return {flag for flag, value in parse(text).flags.items() if value is None}


@pytest.mark.parametrize(
    ("event", "flag"),
    [
        ("t(8;21)(q22;q22.1)", "t_8_21"),
        ("t(8;21;14)(q22;q22;q32)", "t_8_21"),
        ("t(8;20;21)(q22;q13;q22)", "t_8_21"),
        ("ins(21;8)(q22;q13q22)", "t_8_21"),
        ("der(8)t(8;21)(q22;q22)", "t_8_21"),
        ("inv(16)(p13.1q22)", "inv16_t16_16"),
        ("t(16;16)(p13.1;q22)", "inv16_t16_16"),
        ("t(15;17)(q24.1;q21.2)", "t_15_17"),
        ("t(15;17)(q22;q12)", "t_15_17"),
        ("ider(17)(q10)t(15;17)(q22;q21)", "t_15_17"),
        ("t(6;9)(p22.3;q34.1)", "t_6_9"),
        ("t(6;9)(p23;q34)", "t_6_9"),
        ("inv(3)(q21.3q26.2)", "inv3_t3_3"),
        ("t(3;3)(q21;q26)", "inv3_t3_3"),
        ("ins(3;3)(q26.2;q21q26.2)", "inv3_t3_3"),
        ("t(9;22)(q34.1;q11.2)", "t_9_22"),
        ("t(9;11)(p21.3;q23.3)", "t_9_11"),
        ("t(9;11)(p22;q23)", "t_9_11"),
        ("t(4;11)(q21;q23)", "t_v_11q23_other"),
        ("t(9;11)(q34;q23)", "t_v_11q23_other"),
        ("ins(10;11)(p12;q13q23)", "t_v_11q23_other"),
        ("t(11;19)(q23;p13.1)", "t_v_11q23_other"),
        ("t(11;?)(q23;?)", "kmt2a_r_partner_unknown"),
        ("t(8;16)(p11.2;p13.3)", "t_8_16"),
        ("t(3;21)(q26.2;q22)", "mecom_other"),
        ("t(2;3)(p21;q26)", "mecom_other"),
        ("inv(3)(p25q26)", "mecom_other"),
        ("-5", "minus5_5q"),
        ("del(5)(q13q33)", "minus5_5q"),
        ("add(5)(q23)", "minus5_5q"),
        ("der(5)t(5;17)(q11;q11)", "minus5_5q"),
        ("der(5;17)(p10;q10)", "minus5_5q"),
        ("-7", "minus7"),
        ("del(7)(q22q34)", "del7q"),
        ("der(7)t(7;12)(q22;p13)", "del7q"),
        ("der(1;7)(q10;p10)", "del7q"),
        ("i(7)(p10)", "del7q"),
        ("-17", "minus17_abn17p"),
        ("del(17)(p13)", "minus17_abn17p"),
        ("add(17)(p13)", "minus17_abn17p"),
        ("i(17)(q10)", "minus17_abn17p"),
        ("idic(17)(p11.2)", "minus17_abn17p"),
        ("t(17;21)(p13;q22)", "minus17_abn17p"),
        ("dic(5;17)(q11;p11)", "minus17_abn17p"),
        ("+8", "plus8_8q"),
        ("i(8)(q10)", "plus8_8q"),
        ("dup(8)(q13q24)", "plus8_8q"),
        ("+13", "plus13"),
        ("i(13)(q10)", "plus13"),
        ("+21", "plus21"),
        ("+22", "plus22"),
        ("-Y", "minusY"),
        ("del(9)(q13q22)", "del9q"),
        ("-20", "minus20_20q"),
        ("del(20)(q11.2q13.3)", "minus20_20q"),
        ("idic(20)(q11)", "minus20_20q"),
    ],
)
def test_lesion(event: str, flag: str) -> None:
    assert flag in true_flags(f"46,XX,{event}[20]")


@pytest.mark.parametrize(
    ("event", "flag"),
    [
        pytest.param("t(8;21)(p11;q22)", "t_8_21", id="other-band"),
        pytest.param("del(16)(q22)", "inv16_t16_16", id="deletion-of-a-breakpoint"),
        pytest.param("t(3;3)(q21;q22)", "inv3_t3_3", id="not-3q26"),
        pytest.param("del(11)(q23)", "t_v_11q23_other", id="deletion-is-no-rearrangement"),
        pytest.param("hsr(11)(q23)", "t_v_11q23_other", id="amplification-is-no-rearrangement"),
        pytest.param("t(9;11)(p22;q23)", "t_v_11q23_other", id="mllt3-is-not-other"),
        pytest.param("t(9;11)(q34;q23)", "t_9_11", id="not-9p21"),
        pytest.param("t(11;14)(q13;q32)", "t_v_11q23_other", id="not-11q23"),
        pytest.param("t(2;3)(p23;q27)", "mecom_other", id="not-3q26-either"),
        pytest.param("del(7)(q22)", "minus7", id="part-is-not-whole"),
        pytest.param("-7", "del7q", id="whole-is-not-part"),
        pytest.param("t(7;22)(q22;q11)", "del7q", id="balanced"),
        pytest.param("del(7)(p11p15)", "del7q", id="other-arm"),
        pytest.param("t(5;12)(q33;p13)", "minus5_5q", id="balanced-5q"),
        pytest.param("del(5)(p13)", "minus5_5q", id="other-arm-5"),
        pytest.param("add(17)(q21)", "minus17_abn17p", id="other-arm-17"),
        pytest.param("+del(20)(q11q13)", "minus20_20q", id="additional-chromosome-loses-nothing"),
        pytest.param("-9", "del9q", id="monosomy-9"),
        pytest.param("inv(9)(p11q13)", "del9q", id="variant"),
        pytest.param("der(13;14)(q10;q10)", "plus13", id="robertsonian"),
    ],
)
def test_not_a_lesion(event: str, flag: str) -> None:
    assert parse(f"46,XX,{event}[20]").flags[flag] is False


@pytest.mark.parametrize(
    ("event", "flags"),
    [
        pytest.param("add(11)(q23)", {"t_v_11q23_other", "t_9_11", "kmt2a_r_partner_unknown"}, id="add-11q23"),
        pytest.param("add(3)(q26)", {"mecom_other"}, id="add-3q26"),
        pytest.param("add(7)(q22)", {"del7q"}, id="add-7q"),
        pytest.param("r(7)", {"del7q"}, id="ring-without-bands"),
        pytest.param("r(7)(p22q36)", {"del7q"}, id="ring-of-the-last-bands"),
        pytest.param("?del(5)(q31)", {"minus5_5q", "normal_karyotype"}, id="question-mark"),
        pytest.param("del(5)(p12p34)", {"minus5_5q"}, id="band-that-does-not-exist"),
        pytest.param("add(20)(q13)", {"minus20_20q"}, id="add-at-the-last-band"),
        pytest.param("t(1;11)", {"t_v_11q23_other"}, id="no-bands"),
    ],
)
def test_open(event: str, flags: set[str]) -> None:
    assert open_flags(f"46,XX,{event}[20]") == flags


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param("del(5)(q13q31)", [(Change.LOSS, "5", "q", "q13", "q31")], id="interstitial"),
        pytest.param("del(5)(q13)", [(Change.LOSS, "5", "q", "q13", "qter")], id="terminal"),
        pytest.param("add(5)(q31)", [(Change.LOSS, "5", "q", "q31", "qter")], id="add"),
        pytest.param("der(7)t(7;12)(q22;p13)", [(Change.LOSS, "7", "q", "q22", "qter"), (Change.GAIN, "12", "p", "pter", "p13")], id="der"),
        pytest.param("+der(7)t(7;12)(q22;p13)", [(Change.GAIN, "7", "p", "", ""), (Change.GAIN, "7", "q", "q10", "q22"), (Change.GAIN, "12", "p", "pter", "p13")], id="additional-der"),
        pytest.param("i(17)(q10)", [(Change.LOSS, "17", "p", "", ""), (Change.GAIN, "17", "q", "", "")], id="isochromosome"),
        pytest.param("idic(17)(p11)", [(Change.LOSS, "17", "p", "pter", "p11"), (Change.GAIN, "17", "p", "p11", "p10"), (Change.GAIN, "17", "q", "", "")], id="isodicentric"),
        pytest.param("der(1;7)(q10;p10)", [(Change.LOSS, "1", "p", "", ""), (Change.LOSS, "7", "q", "", "")], id="whole-arm"),
        pytest.param("dic(7;14)(q11;p11)", [(Change.LOSS, "7", "q", "q11", "qter")], id="dicentric-acrocentric-arm-is-nothing"),
        pytest.param("r(7)(p15q31)", [(Change.LOSS, "7", "p", "pter", "p15"), (Change.LOSS, "7", "q", "q31", "qter")], id="ring"),
        pytest.param("der(7)t(1;7)(q10;p10)", [(Change.LOSS, "7", "q", "", ""), (Change.GAIN, "1", "q", "", "")], id="whole-arm-derivative"),
        pytest.param("der(17)t(15;17)(q10;q10)", [(Change.LOSS, "17", "p", "", ""), (Change.GAIN, "15", "q", "", "")], id="whole-arm-keeps-the-arm-named"),
        pytest.param("dup(1)(q21q32)", [(Change.GAIN, "1", "q", "q21", "q32")], id="duplication"),
        pytest.param("der(5)(pter->q13::17q11->17qter)", [(Change.LOSS, "5", "q", "q13", "qter"), (Change.GAIN, "17", "q", "q11", "qter")], id="detailed"),
        pytest.param("der(8)t(8;12;21)(q22;p13;q22)", [(Change.LOSS, "8", "q", "q22", "qter"), (Change.GAIN, "21", "q", "q22", "qter")], id="three-way-takes-the-last"),
        pytest.param("t(8;21)(q22;q22)", [], id="balanced"),
        pytest.param("-7", [(Change.LOSS, "7", "", "", "")], id="monosomy"),
    ],
)  # fmt: skip
def test_imbalances(event: str, expected: list[tuple[Change, str, str, str, str]]) -> None:
    [finding] = parse(f"46,XX,{event}[20]").findings
    assert finding.imbalances == tuple(Imbalance(*item) for item in expected)


def test_derivative_stands_for_the_chromosome_that_is_lost() -> None:
    parsed = parse("46,XX,-7,+der(7)t(7;12)(q22;p13)[20]")
    assert parsed.flags["minus7"] is False
    assert parsed.flags["del7q"] is True
    assert parsed.flags["monosomal"] is False


def test_marker_of_unknown_origin_does_not_explain_a_monosomy() -> None:
    assert parse("46,XX,-7,+mar[20]").flags["minus7"] is True


def test_in_a_composite_clone_no_cell_need_have_both() -> None:
    parsed = parse("45~46,XX,-7,+der(7)t(7;12)(q22;p13)[cp20]")
    assert parsed.flags["minus7"] is None
    assert parsed.flags["del7q"] is None


# --- counts; vignettes with the number that the text of the conventions gives -------------------------------------------


@pytest.mark.parametrize(
    ("text", "iscn2024", "chun2010", "is_complex"),
    [
        pytest.param("46,XX,t(2;3)(p21;q27),del(13)(q14),add(19)(p13)[20]", 3, 3, True, id="three-unrelated"),
        pytest.param("45,XX,-7[20]", 1, 1, False, id="one"),
        pytest.param("46,XX,der(7)t(7;12)(q22;p13),+8[20]", 3, 2, None, id="conventions-differ"),
        pytest.param("47,XX,+1~3mar[20]", 3, 3, True, id="markers-as-stated"),
        pytest.param("47,XX,+8[10]/48,idem,+21[10]", 2, 2, False, id="identical-once"),
        pytest.param("46,XX,t(8;21)(q22;q22),inv(9)(p11q13)c[20]", 1, 1, False, id="constitutional-never"),
        pytest.param("45,X,-Y[20]", 0, 0, False, id="loss-of-y-alone"),
        pytest.param("44,X,-Y,-7[20]", 2, 2, False, id="loss-of-y-beside-another"),
        pytest.param("47,XX,+8[1]/47,XX,+13[5]/46,XX[14]", 1, 1, False, id="single-cell-not"),
        pytest.param("46,XX,der(11)inv(11)(p14q21)add(11)(q23)[20]", 2, 1, False, id="each-component"),
        pytest.param("46,XX,der(9)t(9;22)(q34;q11),der(22)t(9;22)(q34;q11)[20]", 1, 1, False, id="both-derivatives-are-one"),
        pytest.param("49,XY,+13,+13,+13[20]", 3, 3, True, id="polysomy"),
        pytest.param("45,XX,dic(7;14)(q11;p11)[20]", 2, 1, False, id="dicentric"),
    ],
)  # fmt: skip
def test_counts(text: str, iscn2024: int, chun2010: int, is_complex: bool | None) -> None:
    parsed = parse(text)
    assert parsed.abnormality_count == {"iscn2024": iscn2024, "chun2010": chun2010}
    assert parsed.flags["complex"] is is_complex


def test_what_was_counted_is_shown() -> None:
    assert [item.text for item in parse("48,XX,+8,+8,del(5)(q13)[20]").counted] == ["+8x2", "del(5)(q13)"]


def test_a_class_defining_lesion_ends_complex_but_not_the_count() -> None:
    parsed = parse("46,XY,t(8;21)(q22;q22),del(9)(q22),+8,-Y[20]")
    assert parsed.abnormality_count["iscn2024"] == 4
    assert parsed.flags["complex"] is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("44,XX,-18,-21[20]", True, id="two-monosomies"),
        pytest.param("45,XX,-18,del(12)(p12)[20]", True, id="one-and-structural"),
        pytest.param("45,XX,-7[20]", False, id="one-alone"),
        pytest.param("46,XX,-7,+mar[20]", False, id="marker-is-no-structural-change"),
        pytest.param("44,X,-Y,-7[20]", False, id="sex-chromosome-does-not-count"),
        pytest.param("45,XX,-7,t(8;21)(q22;q22)[20]", False, id="core-binding-factor"),
        pytest.param("45,XX,-7[10]/46,XX,del(5)(q13)[10]", False, id="different-clones"),
        pytest.param("66<3n>,XXX,-7,-17[20]", None, id="relative-to-triploid"),
    ],
)
def test_monosomal(text: str, expected: bool | None) -> None:
    assert parse(text).flags["monosomal"] is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("49,XX,+8,+13,+21[20]", True, id="three-trisomies"),
        pytest.param("50,XY,+8,+13,+21,+22,del(12)(p12)[20]", False, id="structural"),
        pytest.param("48,XY,+8,+13,+21,-18[20]", False, id="monosomy"),
        pytest.param("50,XY,+8,+13,+21,+mar[20]", False, id="marker"),
        pytest.param("48,XX,+8,+21[20]", False, id="two"),
        pytest.param("92,XXXX[20]", None, id="tetraploid"),
    ],
)
def test_hyperdiploid(text: str, expected: bool | None) -> None:
    assert parse(text).flags["hyperdiploid"] is expected


def test_every_flag_is_answered() -> None:
    assert tuple(parse("46,XX").flags) == FLAGS


def test_derivatives_of_one_translocation_are_balanced_together() -> None:
    both = parse("46,XX,der(9)del(9)(p12)t(9;22)(q34;q11.2),der(22)t(9;22)(?;q11.2)[20]")
    assert both.flags["t_9_22"] is True
    assert both.flags["del9q"] is False
    assert [finding.imbalances for finding in both.findings] == [(Imbalance(Change.LOSS, "9", "p", "pter", "p12"),), ()]
    assert both.abnormality_count == {"iscn2024": 2, "chun2010": 1}


def test_one_derivative_alone_is_not() -> None:
    assert parse("46,XX,der(9)t(9;22)(q34;q11.2)[20]").flags["del9q"] is True
