"""Rule files: what they may say, and how a mistake is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from moltrack.errors import RuleError, UnknownError
from moltrack.model import Truth
from moltrack.rules import Inputs, Number, evaluate, load_ruleset, rulesets

Write = Callable[..., Path]

FILE = """id: own
version: "1"
title: Our own
categories: {F: favorable, A: adverse}
thresholds: {vaf: 0.2}
levels:
  TP53_high: {number: TP53_VAF, at_least: vaf, of: TP53}
rows:
  - id: good
    category: F
    when: {all: [NPM1, {not: TP53_high}]}
  - id: rest
    category: A
    when: {always: true}
    residual: true
order: [good]
"""


def own(write: Write, old: str = "", new: str = "") -> Path:
    assert old in FILE
    return write("own.yaml", FILE.replace(old, new, 1).rstrip("\n"))


def test_a_file_of_ones_own_is_a_rule_set(write: Write) -> None:
    rules = load_ruleset(own(write))
    inputs = Inputs({"NPM1": Truth.YES, "TP53": Truth.YES}, {"TP53_VAF": Number(0.1, 0.1, "10 %")})
    assert evaluate(rules, inputs).category == "F"


def test_a_threshold_in_words_is_that_of_the_file_or_of_the_laboratory(write: Write) -> None:
    text = FILE.replace("category: F\n", "category: F\n    title: 'VAF below {vaf%} ({vaf})'\n")
    path = write("own.yaml", *text.splitlines())
    assert load_ruleset(path).table.rows[0].title == "VAF below 20 % (0.2)"
    ours = write("ours.yaml", "extends: response_eln2022", "thresholds: {blasts: 0.04}")
    assert load_ruleset(ours, "response").table.rows[0].title.startswith("marrow blasts below 4 %, ")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        pytest.param("title: Our own\n", "", 1, "the field 'title' is missing", id="field-missing"),
        pytest.param(
            "title: Our own", "titel: Our own", 3, "'titel' is not a field of a rule file", id="field-unknown"
        ),
        pytest.param("    residual: true", "    rest: true", 15, "'rest' is not a field of rows.1", id="row-field"),
        pytest.param('version: "1"', "version: 1", 2, "version: Input should be a valid string", id="version-number"),
        pytest.param("category: F", "category: X", 10, "row 'good' has the category 'X'", id="category"),
        pytest.param("  - id: rest", "  - id: good", 12, "two rows are called 'good'", id="two-rows"),
        pytest.param("order: [good]", "order: [best]", 16, "'order' names the row 'best'", id="order"),
        pytest.param("residual: true", "yields_to: [best]", 12, "row 'rest' yields to 'best'", id="yields-to"),
        pytest.param("at_least: vaf", "at_least: vav", 7, "level 'TP53_high' names the threshold 'vav'", id="level"),
        pytest.param("at_least: vaf", "below: vaf", 7, "'below' is not a field of levels.TP53_high", id="comparison"),
        pytest.param("at_least: vaf, ", "", 7, "a level needs one of 'at_least' and 'above'", id="no-comparison"),
        pytest.param(
            "category: F",
            "category: F\n    title: 'above {vav%}'",
            9,
            "'{vav}' is no threshold of this file",
            id="title",
        ),
        pytest.param("{vaf: 0.2}", "{vaf: high}", 5, "thresholds.vaf: 'high' is not a number", id="threshold"),
        pytest.param("[NPM1, {not", "[NPM2X, {not", 11, "'NPM2X' is not a predicate", id="predicate"),
        pytest.param("{all: [", "{every: [", 11, "a condition has one of any, all, not", id="operator"),
        pytest.param("{always: true}", "{row: best}", 14, "there is no row 'best'", id="row"),
        pytest.param("{always: true}", "{any: []}", 14, "'any' needs a list of conditions", id="empty-any"),
        pytest.param("{always: true}", "7", 14, "'7' is no condition", id="number"),
        pytest.param("{always: true}", "{any: [NPM1], all: [NPM1]}", 14, "this one has any, all", id="two-operators"),
        pytest.param("{always: true}", "{at_least: two, of: [NPM1]}", 14, "'at_least' needs a number", id="at-least"),
        pytest.param("order: [good]", "order: [good]\norder: []", 17, "'order' is given twice", id="key-twice"),
        pytest.param("categories: {F", "categories: {F: [", 4, "is not YAML", id="no-yaml"),
    ],
)
def test_a_mistake_is_named_with_its_line(write: Write, old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_ruleset(own(write, old, new))
    assert str(caught.value).startswith(f"own.yaml:{line}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param("{not: " * 101 + "NPM1" + "}" * 101, id="too-many-levels"),
        pytest.param("{not: " * 5000 + "NPM1" + "}" * 5000, id="more-than-a-parser-takes"),
        pytest.param("&again {not: *again}", id="a-condition-within-itself"),
    ],
)
def test_a_condition_without_end_is_refused(write: Write, condition: str) -> None:
    with pytest.raises(RuleError, match=r"nested too deeply|maximum nesting depth"):
        load_ruleset(own(write, "{always: true}", condition))


def test_an_empty_file_is_no_rule_file(write: Write) -> None:
    with pytest.raises(RuleError, match=r"own\.yaml:1: is not a rule file"):
        load_ruleset(write("own.yaml", "# nothing"))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(b"\xff\xfe\x00id")
    with pytest.raises(RuleError, match="cannot be read"):
        load_ruleset(path)


def test_an_unknown_name_lists_the_rule_sets() -> None:
    with pytest.raises(UnknownError, match=r"neither a rule set .*eln2022.* nor a file"):
        load_ruleset("eln1999")


@pytest.mark.parametrize("name", rulesets())
def test_every_row_of_the_references_names_its_paper(name: str) -> None:
    rules = load_ruleset(name)
    assert all(row.citation.startswith("Döhner, Blood 20") for row in rules.table.rows)


# --- a laboratory's thresholds ----------------------------------------------------------------------------------------

TP53 = dict.fromkeys([name for name in load_ruleset("eln2022").inputs if name != "TP53_at_threshold"], Truth.NO) | {
    "TP53": Truth.YES
}


@pytest.mark.parametrize(("vaf", "category"), [(0.049, "I"), (0.05, "A"), (0.051, "A")])
def test_a_laboratory_can_lower_a_threshold_and_the_verdict_says_so(write: Write, vaf: float, category: str) -> None:
    path = write("lab.yaml", "extends: eln2022", "version: our lab", "thresholds: {tp53_vaf: 0.05}")
    verdict = evaluate(load_ruleset(path), Inputs(TP53, {"TP53_VAF": Number(vaf, vaf, "")}))
    assert verdict.category == category
    assert verdict.overridden == ("tp53_vaf is 0.05 instead of 0.1",)
    assert verdict.version == "1+our lab"


def test_an_unchanged_threshold_is_no_override(write: Write) -> None:
    path = write("lab.yaml", "extends: eln2022", "thresholds: {tp53_vaf: 0.10}")
    assert load_ruleset(path).overridden == ()


def test_the_guideline_itself_is_not_changed_by_a_laboratorys_file(write: Write) -> None:
    load_ruleset(write("lab.yaml", "extends: eln2022", "thresholds: {tp53_vaf: 0.05}"))
    assert load_ruleset("eln2022").thresholds["tp53_vaf"] == 0.10
