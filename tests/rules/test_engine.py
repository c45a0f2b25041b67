"""The engine on small tables made by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.errors import RuleError
from moltrack.model import Truth
from moltrack.rules.conditions import compiled
from moltrack.rules.engine import Row, Table
from moltrack.rules.inputs import kleene

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def table(*rows: Row, order: tuple[str, ...] = (), constraints: tuple[Any, ...] = ()) -> Table:
    rest = Row("rest", "I", {"always": True}, residual=True)
    return Table((*rows, rest), order, ("F", "I", "A"), constraints)


GOOD, BAD = Row("good", "F", "a"), Row("bad", "A", "b")


def test_a_category_that_holds_for_every_completion_is_given() -> None:
    """Whether c is there or not changes nothing."""
    either = Row("either", "F", {"any": ["a", {"all": ["a", "c"]}]})
    assert table(either).outcome({"a": YES}).category == "F"


def test_possible_categories_stand_in_the_order_of_the_table() -> None:
    outcome = table(BAD, GOOD, order=("good", "bad")).outcome({})
    assert (outcome.category, outcome.text) == (None, "NA{F,I,A}")


def test_rows_that_are_observed_and_conflict_leave_the_verdict_open_with_the_convention() -> None:
    assert table(GOOD, BAD, order=("good", "bad")).outcome({"a": YES, "b": YES}).text == "NA{F,A}; conv F"


def test_a_conflict_that_is_only_possible_takes_the_convention_and_says_so() -> None:
    outcome = table(GOOD, BAD, order=("good", "bad")).outcome({"a": YES})
    assert (outcome.category, outcome.basis) == ("F", "convention")


def test_a_conflict_without_a_convention_names_none() -> None:
    assert table(GOOD, BAD).outcome({"a": YES, "b": YES}).text == "NA{F,A}"


def test_a_possible_conflict_without_a_convention_leaves_both_open() -> None:
    assert table(GOOD, BAD).outcome({"a": YES}).text == "NA{F,A}"


def test_a_stated_precedence_settles_a_conflict() -> None:
    good = Row("good", "F", "a", yields_to=("bad",))
    outcome = table(good, BAD).outcome({"a": YES, "b": YES})
    assert (outcome.category, outcome.basis) == ("A", "stated")


def test_a_derived_precedence_is_named_as_basis() -> None:
    good = Row("good", "F", "a", yields_to=("bad",), yields_derived=("bad",))
    outcome = table(good, BAD).outcome({"a": YES, "b": YES})
    assert (outcome.category, outcome.basis) == ("A", "derived")


def test_a_residual_row_holds_only_where_no_other_does() -> None:
    assert table(GOOD).outcome({"a": NO}).category == "I"
    assert table(GOOD).outcome({"a": YES}).category == "F"


def test_constraints_leave_out_completions() -> None:
    """b implies a: with a absent, b is."""
    implied = {"any": [{"not": "b"}, "a"]}
    assert table(BAD, Row("good", "F", "a"), constraints=(implied,)).outcome({"a": NO}).category == "I"


def test_an_input_that_no_row_reads_is_dropped() -> None:
    """c stands in a constraint alone: b stays free whatever c may be."""
    follows = {"any": [{"not": "b"}, "c"]}
    with_c = table(BAD, constraints=(follows,))
    assert with_c.outcome({}).text == "NA{I,A}"
    assert with_c.outcome({"b": YES}).category == "A"
    assert with_c.deciding({}) == ("b",)


def test_inputs_that_break_a_constraint_are_refused() -> None:
    with pytest.raises(RuleError, match="the inputs contradict each other"):
        table(BAD, constraints=({"any": [{"not": "b"}, "a"]},)).outcome({"b": YES, "a": NO})


def test_a_table_without_a_residual_row_must_cover_everything() -> None:
    with pytest.raises(RuleError, match="a residual row is missing"):
        Table((GOOD,), (), ("F",)).outcome({"a": NO})


def test_inputs_that_the_rows_never_tell_apart_are_one() -> None:
    genes = Row("genes", "A", {"any": ["x", "y", "z"]})
    assert ("x", "y", "z") in table(genes).joined
    assert table(genes).outcome({"x": UNKNOWN, "y": YES}).category == "A"
    assert table(genes).outcome({"x": NO, "y": NO}).text == "NA{I,A}"


def test_the_deciding_tests_are_the_fewest_that_settle_it_when_negative() -> None:
    """With a excluded nothing else matters; c decides only beside a."""
    rows = (Row("both", "A", {"all": ["a", "c"]}), Row("one", "F", {"all": ["a", {"not": "c"}]}))
    assert table(*rows).deciding({}) == ("a",)


def test_all_that_matters_is_named_when_negative_tests_would_not_settle_it() -> None:
    rows = (Row("one", "A", {"all": [{"not": "a"}, "b"]}), Row("two", "F", {"all": [{"not": "a"}, {"not": "b"}, "c"]}))
    assert set(table(*rows).deciding({"a": NO})) == {"b", "c"}


def test_too_much_that_is_unknown_is_refused() -> None:
    rows = tuple(Row(f"r{n}", "A", {"all": [f"x{n}", f"y{n}"]}) for n in range(11))
    with pytest.raises(RuleError, match="22 inputs are unknown, more than 20"):
        table(*rows).outcome({})


# --- conditions -------------------------------------------------------------------------------------------------------

NAMES = ("a", "b", "c")
CONDITIONS = st.recursive(
    st.sampled_from(NAMES),
    lambda parts: st.one_of(
        st.fixed_dictionaries({"any": st.lists(parts, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"all": st.lists(parts, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": parts}),
        st.fixed_dictionaries({"at_least": st.integers(0, 3), "of": st.lists(parts, min_size=1, max_size=3)}),
    ),
    max_leaves=8,
)


@given(condition=CONDITIONS, values=st.fixed_dictionaries(dict.fromkeys(NAMES, st.booleans())))
def test_a_condition_compiled_says_what_three_valued_logic_says_of_known_inputs(
    condition: Any, values: dict[str, bool]
) -> None:
    known = {name: YES if value else NO for name, value in values.items()}
    places = {name: place for place, name in enumerate(NAMES)}
    found = compiled(condition, {}, places)([int(values[name]) for name in NAMES], 1)
    assert (YES if found else NO) is kleene(condition, known, {})


@given(condition=CONDITIONS, values=st.fixed_dictionaries(dict.fromkeys(NAMES, st.sampled_from(list(Truth)))))
def test_an_answer_of_three_valued_logic_holds_for_every_completion(condition: Any, values: dict[str, Truth]) -> None:
    answer = kleene(condition, values, {})
    if answer is UNKNOWN:
        return
    for number in range(8):
        known = {
            name: value if value is not UNKNOWN else (YES if number >> place & 1 else NO)
            for place, (name, value) in enumerate(values.items())
        }
        assert kleene(condition, known, {}) is answer
