"""What holds of every karyotype."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moltrack.iscn import parse

EVENTS = (
    "+8", "-7", "+13", "-5", "+21", "-17", "+22", "+X", "t(8;21)(q22;q22)", "inv(16)(p13.1q22)", "t(9;11)(p22;q23)", "del(5)(q13q33)",
    "del(7)(q22)", "add(17)(p11.2)", "i(17)(q10)", "der(7)t(7;12)(q22;p13)", "dic(5;17)(q11;p11)", "inv(3)(q21q26.2)", "del(9)(q13q22)",
    "idic(20)(q11)", "r(1)(p36q44)", "dup(1)(q21q32)", "+mar", "+2mar", "+1~3mar", "dmin", "hsr(8)(q24)", "?add(12)(p13)", "+der(6)t(6;11)(q27;q23)",
    "ins(10;11)(p12;q13q23)", "add(3)(q21orq26)", "del(4)(q2?8)", "inv(9)(p12q13)c", "9qh+", "+21c", "add(7)(q22) or del(7)(q22)",
    "der(8)t(8;21)(q22;q22)inv(8)(q22p11)", "der(9)ins(9;16)(9pter->9q13::16q12->16qter)", "ider(17)(q10)t(15;17)(q22;q21)",
)  # fmt: skip
UNRELATED = ("+10", "del(12)(p12)", "t(1;18)(q21;q21)", "-14", "i(18)(q10)", "+r")

event_lists = st.lists(st.sampled_from(EVENTS), max_size=6, unique=True)
counts = st.one_of(
    st.just(""), st.integers(5, 30).map(lambda n: f"[{n}]"), st.integers(5, 30).map(lambda n: f"[cp{n}]")
)


def clone(events: list[str], count: str = "", modal: str = "46") -> str:
    return ",".join([modal, "XY", *events]) + count


clones = st.builds(clone, event_lists, counts, st.sampled_from(["45", "46", "47", "44~48"]))
karyotypes = st.lists(clones, min_size=1, max_size=3).map("/".join)


@given(
    st.permutations(EVENTS[:8]),
    st.permutations(["47,XY,+8[5]", "46,XY,del(5)(q13q33)[5]", "46,XY[10]", "45,XY,-7[cp5]"]),
)
def test_order_does_not_change_flags(events: list[str], parts: list[str]) -> None:
    assert parse(clone(list(events), "[20]")).flags == parse(clone(list(EVENTS[:8]), "[20]")).flags
    assert parse("/".join(parts)).flags == parse("47,XY,+8[5]/46,XY,del(5)(q13q33)[5]/46,XY[10]/45,XY,-7[cp5]").flags


@given(event_lists, event_lists, st.randoms(use_true_random=False))
def test_order_of_events_and_clones_does_not_change_flags(first, second, rng) -> None:
    text = f"{clone(first, '[9]')}/{clone(second, '[8]')}"
    rng.shuffle(first)
    rng.shuffle(second)
    assert parse(f"{clone(second, '[8]')}/{clone(first, '[9]')}").flags == parse(text).flags


@given(karyotypes, st.sampled_from(UNRELATED))
def test_one_more_abnormality_never_lowers_the_count(text: str, event: str) -> None:
    before = parse(text)
    after = parse(f"{text}/{clone([event], '[5]')}")
    assert after.abnormality_count["iscn2024"] >= before.abnormality_count["iscn2024"]


@given(event_lists, st.lists(st.sampled_from(UNRELATED), max_size=3, unique=True), counts)
def test_idem_is_the_same_as_written_out(stem: list[str], own: list[str], count: str) -> None:
    short = parse(f"{clone(stem, '[9]')}/{','.join(['47', 'idem', *own])}{count}")
    long = parse(f"{clone(stem, '[9]')}/{','.join(['47', 'XY', *stem, *own])}{count}")
    assert short.flags == long.flags
    assert short.abnormality_count == long.abnormality_count
    assert short.written_out() == long.written_out()


@given(karyotypes)
def test_what_is_printed_reads_back_the_same(text: str) -> None:
    parsed = parse(text)
    again = parse(str(parsed))
    assert (again.clones, again.flags, str(again)) == (parsed.clones, parsed.flags, str(parsed))


@given(karyotypes)
def test_lower_case_reads_the_same(text: str) -> None:
    assert parse(text.lower()).flags == parse(text).flags


@given(st.text(alphabet="46XYxy,;/[]()+-?~.pqtdelin 1278cmar\nidem:>", max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    parsed = parse(text)
    assert parsed.clones or parsed.problems
    assert parse(str(parsed)).clones is not None


@given(st.text(max_size=60))
def test_any_characters_are_read(text: str) -> None:
    parse(text)
