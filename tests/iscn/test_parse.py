"""Clones, abnormalities and dirt: what a karyotype string says."""

from __future__ import annotations

import pytest

from moltrack.iscn import ParsedKaryotype, parse


def events(parsed: ParsedKaryotype, clone: int = 1) -> list[str]:
    return [str(event) for event in parsed.clones[clone - 1].events]


def true_flags(text: str) -> set[str]:
    return {flag for flag, value in parse(text).flags.items() if value}


def test_clones_with_counts() -> None:
    parsed = parse("46,XY,t(8;21)(q22;q22.1)[18]/47,idem,+8[3]/46,XY[2]")
    assert [clone.cells for clone in parsed.clones] == [18, 3, 2]
    assert events(parsed, 2) == ["t(8;21)(q22;q22.1)", "+8"]
    assert parsed.metaphases == 23


def test_cells_of_an_abnormality_are_those_of_every_clone_that_carries_it() -> None:
    first, second = parse("46,XY,t(8;21)(q22;q22.1)[18]/47,idem,+8[3]/46,XY[2]").findings
    assert (first.cells, first.clones) == (21, (1, 2))
    assert (second.cells, second.clones) == (3, (2,))


def test_no_count_is_unknown_not_all_cells() -> None:
    parsed = parse("45,XX,-7/46,XX")
    assert parsed.metaphases is None
    assert parsed.findings[0].cells is None


def test_composite_clone_gives_an_upper_bound() -> None:
    [finding] = parse("46,XX,del(5)(q13q33)[cp12]").findings
    assert (finding.cells, finding.upper_bound) == (12, True)


def test_count_behind_an_abnormality_beats_the_composite_one() -> None:
    minus5, minus7 = parse("44~46,XX,-5[4],-7[3][cp10]").findings
    assert (minus5.cells, minus5.upper_bound) == (4, False)
    assert (minus7.cells, minus7.upper_bound) == (3, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("46,XX,del(5)(q13)[5]/47,sl,+8[5]/48,sdl1,+9[5]/49,sdl2,+11[5]", ["del(5)(q13)", "+8", "+9", "+11"], id="sidelines"),
        pytest.param("47,XX,+8[5]/46,idem,-8,del(5)(q13)[5]", ["del(5)(q13)"], id="loss-takes-gain-away"),
        pytest.param("47,XX,+mar[5]/46,idem,-mar,+r[5]", ["+r"], id="marker-lost"),
        pytest.param("47,XX,+8[5]/48,idem,+8[5]", ["+8x2"], id="gained-again"),
        pytest.param("47,XX,+8[5]/94,idemx2[5]", ["+8x2"], id="doubled"),
        pytest.param("46,XX,del(7)(q22)[5]/45,XX,-5,idem[5]", ["del(7)(q22)", "-5"], id="idem-behind"),
    ],
)  # fmt: skip
def test_what_the_last_clone_inherits(text: str, expected: list[str]) -> None:
    parsed = parse(text)
    assert events(parsed, len(parsed.clones)) == expected


def test_reference_to_a_clone_that_is_not_there_is_a_problem() -> None:
    parsed = parse("47,idem,+8[5]")
    assert "clone 1 refers to 'idem', which is not there" in parsed.problems
    assert parsed.flags["t_8_21"] is None


def test_losing_a_sex_chromosome_in_a_subclone_changes_its_complement() -> None:
    parsed = parse("46,XY,t(8;21)(q22;q22)[4]/45,idem,-Y[16]")
    assert parsed.clones[1].sex == "X"
    assert parsed.flags["minusY"] is True
    assert parsed.problems == ()


DIRT = "46,XX,t(8;21)(q22;q22),del(9)(q13q22)[18]/46,XX[2]"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("46,xx,t(8;21)(q22;q22),del(9)(q13q22)[18]/46,xx[2]", id="lower-case"),
        pytest.param("46,XX,T(8;21)(Q22;Q22),DEL(9)(Q13Q22)[18]/46,XX[2]", id="capitals"),
        pytest.param("46 , XX , t ( 8 ; 21 ) ( q22 ; q22 ) , del (9) (q13 q22) [ 18 ] / 46 , XX [ 2 ]", id="spaces"),
        pytest.param("46.XX.t(8;21)(q22;q22).del(9)(q13q22)[18]/46.XX[2]", id="dots-for-commas"),
        pytest.param("46,XX,t(8,21)(q22,q22),del(9)(q13q22)[18]/46,XX[2]", id="commas-for-semicolons"),
        pytest.param("46,XX,t(8.21)(q22.q22),del(9)(q13q22)[18]/46,XX[2]", id="dots-for-semicolons"),
        pytest.param("46,XX,t(8;21)(q22;q22),del(9)(q13q22)[18];46,XX[2]", id="semicolon-between-clones"),
        pytest.param("46,XX,t(8;21)(q22;q22),del(9)(q13q22)[18] 46,XX[2]", id="space-between-clones"),
        pytest.param("46,XX,t(8;21)(q22;q22),del(9)(q13q22)[18]46,XX[2]", id="nothing-between-clones"),
        pytest.param("46,XX,t(8;21)(q22;q22),\ndel(9)(q13q22)[18]\r\n46,XX[2]", id="line-breaks"),
        pytest.param("46,XXt(8;21)(q22;q22)del(9)(q13q22)[18]/46,XX[2]", id="no-commas"),
        pytest.param("46,XX,t(8;21)q22;q22),del(9)(q13q22)[18]/46,XX[2]", id="opening-parenthesis-lost"),
        pytest.param("46,XX,t(8;21)(q22;q22,del(9)(q13q22)[18]/46,XX[2]", id="closing-parenthesis-lost"),
        pytest.param("46,XX,t(8;21)(q22q22),del(9)(q13q22)[18]/46,XX[2", id="semicolon-and-bracket-lost"),
        pytest.param("46,ХХ,t(8;21)(q22;q22),del(9)(q13q22)[18]/46,ХХ[2]", id="cyrillic-letters"),
        pytest.param("46,XX,\u200bt(8;21)(q22;q22),\u00a0del(9)(q13q22)\uff3b18\uff3d/46,XX[2]", id="odd-spaces-and-brackets"),
        pytest.param("46,XX,t(8;21)(q22;q22) (siehe FISH),del(9)(q13q22)[18]/46,XX[2]", id="comment-within"),
        pytest.param("46,XX,t(8;21)(q22;q22),del(9)(q13q22)[18]/46,XX[2] (Korrekturbefund)", id="comment-behind"),
    ],
)  # fmt: skip
def test_dirt_changes_nothing(text: str) -> None:
    clean, dirty = parse(DIRT), parse(text)
    assert dirty.clones == clean.clones
    assert dirty.flags == clean.flags
    assert dirty.problems == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("47,XX,+8x2,+2mar", ["+8x2", "+2mar"], id="copies"),
        pytest.param("48,XX,+2x8", ["+8x2"], id="copies-in-front"),
        pytest.param("46,XX,+1-3mar", ["+1~3mar"], id="range-of-markers"),
        pytest.param("46,XX,+mar1-5", ["+5mar1-5"], id="numbered-markers"),
        pytest.param("46,XX,5q-,-7q,del(20q),i(17q),inv16", ["del(5)(q)", "del(7)(q)", "del(20)(q)", "i(17)(q)", "inv(16)"], id="short-forms"),
        pytest.param("46,XX,iso(17)(q10),psu dic(5;17)(q11;p11)", ["i(17)(q10)", "dic(5;17)(q11;p11)"], id="other-names"),
        pytest.param("46,XX,add(7)(q22orq31),del(4)(q2?8),der(9)t(1;9)(q21;q12-21)", ["add(7)(q22orq31)", "del(4)(q2?8)", "der(9)t(1;9)(q21;q12~q21)"], id="doubtful-bands"),
        pytest.param("46,XX,?del(12)(p12p13),?+8", ["?del(12)(p12p13)", "?+8"], id="doubtful-events"),
        pytest.param("46,XX,add(7)(q22) or del(7)(q22)", ["add(7)(q22) or del(7)(q22)"], id="or"),
        pytest.param("46,XX,inv(3)(q21;26)", ["inv(3)(q21q26)"], id="arm-once"),
        pytest.param("46,XX,der(8)t(8;21)(q22;q22)inv(8)(q22p?11)", ["der(8)t(8;21)(q22;q22)inv(8)(q22p?11)"], id="derivative-of-two-steps"),
        pytest.param("46,XX,9qh+,15ps+,inv(9)(p12q13)c,+21c", ["9qh+", "15ps+", "inv(9)(p12q13)c", "+21c"], id="constitutional"),
        pytest.param("46,XX,10~50dmin,hsr(8)(q24)", ["10~50dmin", "hsr(8)(q24)"], id="amplification"),
    ],
)  # fmt: skip
def test_items(text: str, expected: list[str]) -> None:
    assert events(parse(text)) == expected


def test_words_not_understood_are_named_and_leave_flags_open() -> None:
    parsed = parse("46,XX,+8,xyz,del(5)(q13)[20]")
    assert "'xyz' is not understood" in parsed.problems
    assert parsed.flags["plus8_8q"] is True
    assert parsed.flags["minus5_5q"] is True
    assert parsed.flags["minus7"] is None


def test_incomplete_karyotype_leaves_open_what_it_does_not_say() -> None:
    parsed = parse("45,XX,-7,inc[20]")
    assert parsed.flags["minus7"] is True
    assert parsed.flags["t_8_21"] is None
    assert parsed.flags["complex"] is None


@pytest.mark.parametrize("text", ["no metaphases", "na", "", "Keine analysierbaren Metaphasen", "no analysis", "46"])
def test_no_karyotype_leaves_every_flag_open(text: str) -> None:
    parsed = parse(text)
    assert set(parsed.flags.values()) == {None}
    assert parsed.problems == ("no karyotype is written here",)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        pytest.param("no metaphases / FISH: inv(16)", "inv16_t16_16", id="fish"),
        pytest.param("46,XY PCR: Nachweis einer Inversion 16", "inv16_t16_16", id="pcr-german"),
        pytest.param("46,XX/FISH 11q23 positiv >>t(9;11) positiv", "t_9_11", id="fish-with-partner"),
        pytest.param("46,XX. FISH: KMT2A rearranged", "kmt2a_r_partner_unknown", id="break-apart"),
        pytest.param("Komplexer Karyotyp", "complex", id="complex-in-words"),
        pytest.param("normal female karyotype", "normal_karyotype", id="normal-in-words"),
        pytest.param("FISH: ca. 50% 17p-Deletion", "minus17_abn17p", id="deletion-in-words"),
        pytest.param("keine Metaphasen, Monosomie 7 in der FISH", "minus7", id="monosomy-in-words"),
    ],
)
def test_text_beside_the_karyotype_may_state_a_lesion(text: str, flag: str) -> None:
    assert parse(text).flags[flag] is True


@pytest.mark.parametrize("text", ["46,XX[20] FISH: t(15;17) negativ", "46,XX[20] PCR: kein Nachweis von inv(16)"])
def test_a_lesion_denied_is_not_stated(text: str) -> None:
    assert true_flags(text) == {"normal_karyotype"}


def test_ish_and_arr_parts_are_read_as_such() -> None:
    parsed = parse("46,XX,del(5)(q13q33)[12]/46,XX[8].nuc ish(EGR1x1,D5S23x2)[120/200]")
    assert parsed.metaphases == 20
    assert parsed.fish[0].patterns[0].cells == 120
    assert parse("46,XX[20].arr(1-22,X)x2").arrays[0].normal


def test_donor_cells_are_not_the_patients() -> None:
    parsed = parse("45,XX,-7[3]//46,XY[17]")
    assert parsed.clones[1].donor
    assert parsed.metaphases == 20
    assert parsed.flags["minus7"] is True
    after = parse("//46,XY[20]")
    assert after.flags["minus7"] is False
    assert after.flags["normal_karyotype"] is None


def test_lesion_of_donor_cells_is_open() -> None:
    assert parse("46,XX[5]//47,XY,+8[15]").flags["plus8_8q"] is None


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        pytest.param("47,XX,+8[1]/46,XX[19]", "plus8_8q", id="gain-in-one"),
        pytest.param("45,XX,-7[2]/46,XX[18]", "minus7", id="loss-in-two"),
    ],
)
def test_too_few_cells_are_no_clone(text: str, flag: str) -> None:
    parsed = parse(text)
    assert parsed.flags[flag] is None
    assert parsed.flags["normal_karyotype"] is None
    assert "a clone needs" in parsed.problems[0]


@pytest.mark.parametrize("text", ["47,XX,+8[2]/46,XX[18]", "45,XX,-7[3]/46,XX[17]", "45,XX,-7"])
def test_enough_cells_or_no_count_are_a_clone(text: str) -> None:
    assert parse(text).findings[0].clonal


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("46,XX", True, id="plain"),
        pytest.param("46,XY,inv(9)(p11q13)c[20]", True, id="constitutional"),
        pytest.param("46,XY,inv(9)(p12q13)[20]", True, id="known-variant"),
        pytest.param("46,XX,9qh+", True, id="heterochromatin"),
        pytest.param("48,XX,+8,+21c[20]", False, id="acquired-beside-constitutional"),
        pytest.param("45,X,-Y", False, id="loss-of-y"),
        pytest.param("46,XX[16]/92,XXXX[4]", False, id="tetraploid-clone"),
        pytest.param("46,XX,?del(12)(p12)[3]/46,XX[17]", None, id="doubtful"),
    ],
)
def test_normal(text: str, normal: bool | None) -> None:
    assert parse(text).flags["normal_karyotype"] is normal


def test_number_of_chromosomes_is_checked() -> None:
    assert parse("46,XX,-7[20]").problems == ("clone 1 states 46 chromosomes, its abnormalities give 45",)


def test_lost_y_is_read_from_the_sister_clone() -> None:
    parsed = parse("45,X[5]/46,XY[15]")
    assert parsed.flags["minusY"] is True
    assert "read as -Y" in parsed.problems[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("46,XX,der(10)?t(10;11)(p11.2;q22)", ["?der(10)t(10;11)(p11.2;q22)"], id="within-a-derivative"),
        pytest.param("46,XY,t(5;11)(q35;p11)?c", ["?t(5;11)(q35;p11)"], id="perhaps-inherited"),
        pytest.param("47,XY,+21?c", ["?+21"], id="chromosome-perhaps-inherited"),
        pytest.param("47,XX,+?8", ["+?8"], id="which-chromosome"),
        pytest.param("50,X,?X,+8,+9,+10,+11,+12[20]", ["?-X", "+8", "+9", "+10", "+11", "+12"], id="sex-chromosome"),
    ],
)
def test_question_marks_stay_where_they_stand(text: str, expected: list[str]) -> None:
    assert events(parse(text)) == expected


def test_a_questionable_abnormality_does_not_make_three() -> None:
    assert parse("46,XX,del(5)(q13),add(7)(p22),?t(1;2)(p22;p13)[20]").flags["complex"] is None
    assert parse("47,XX,del(5)(q13),add(7)(p22),+?8[20]").flags["complex"] is True


def test_a_derivative_in_doubt_is_still_an_abnormal_chromosome() -> None:
    # ISCN: a question mark before a chromosome or structure doubts its identification
    assert parse("46,XX,del(5)(q13),add(7)(p22),?der(12)t(2;12)(p13;q24)[20]").flags["complex"] is True
    assert parse("46,XX,del(5)(q13),add(7)(p22),der(12)?t(2;12)(p13;q24)[20]").flags["complex"] is True
    assert parse("47,XX,del(5)(q13),add(7)(p22),?+der(12)t(2;12)(p13;q24)[20]").flags["complex"] is None


def test_a_questionable_sex_chromosome_leaves_open_what_depends_on_it() -> None:
    parsed = parse("51,X,?X,+4,+10,+13,+14,+16,+20[11]/46,XX[9]")
    assert (parsed.flags["hyperdiploid"], parsed.flags["t_8_21"]) == (None, False)
    assert parsed.problems == ("the second sex chromosome of clone 1 is questionable",)


def test_a_numbered_marker_is_one_of_those_counted_before() -> None:
    parsed = parse("46,XX,-16,-19,-20,+3mar[4]/46,idem,-mar3,+mar4[2]")
    assert [str(event) for event in parsed.clones[1].events] == ["-16", "-19", "-20", "+2mar", "+mar4"]
    assert not parsed.problems


def test_a_translocation_taken_away_loses_no_chromosome() -> None:
    parsed = parse("46,XX,t(12;20)(q15;q11.2)[10]/92,slx2,-t(12;20)(q15;q11.2)[10]")
    assert parsed.flags["minus20_20q"] is False
    assert parsed.problems == (
        "'-t(12;20)(q15;q11.2)' is read as its absence: which chromosomes are lost with it is not said",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(".46,XX der(15;16)(q10;q10),+16[11]/46,XX[4] .Abnormal clone", "46,XX,der(15;16)(q10;q10),+16[11]/46,XX[4] Abnormal clone", id="dot-in-front"),
        pytest.param("45,XX,-7[22]/47,\u03a7\u03a7,+8[3]", "45,XX,-7[22]/47,XX,+8[3]", id="greek-letters"),
        pytest.param("47,XX,+8[10]/46,XX[6+3]", "47,XX,+8[10]/46,XX[9]", id="counts-of-two-cultures"),
        pytest.param("46~48,XX,+8[5~20] .Some note", "46~48,XX,+8 Some note", id="count-is-a-range"),
        pytest.param("40~43,XX,der(21)t(19;21)(p12;q22)x1~3 cp.", "40~43,XX,der(21)t(19;21)(p12;q22)x1~3[cp]", id="composite-without-count"),
        pytest.param("48(46-48)<2n>XY, +8, +18", "48<2n>,XY,+8,+18", id="range-beside-the-modal-number"),
        pytest.param("46,XY,10~>50dmin", "46,XY,10~50dmin", id="more-than"),
        pytest.param("46,XX,t(v;11q23.3)", "46,XX,t(?;11)(;q23.3)", id="any-partner"),
        pytest.param("46,XX,t(9.22)(q34.q11)", "46,XX,t(9;22)(q34;q11)", id="dots-for-semicolons"),
    ],
)  # fmt: skip
def test_reports_and_registries_write_so(text: str, expected: str) -> None:
    assert str(parse(text)) == expected


def test_what_is_no_clone_leaves_open_what_it_may_say() -> None:
    parsed = parse("45,XX,-7[20]/47,QQ,+8[3]")
    assert (parsed.flags["minus7"], parsed.flags["plus8_8q"]) == (True, None)


def test_a_range_of_chromosomes_is_not_normal() -> None:
    assert parse("45~46,XX[cp20]").flags["normal_karyotype"] is None


def test_parentheses_of_a_fish_string_are_no_comment() -> None:
    [fish] = parse("46,XX,t(9;22)(q34;q11)[15]/46,XX[3] .nuc ish(PDGFRA x3)[20/200]").fish
    assert fish.patterns[0].signals[0].probes == ("PDGFRA",)
