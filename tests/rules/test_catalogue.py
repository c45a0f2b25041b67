"""Rule files of every kind by one name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from moltrack.errors import RuleError, UnknownError
from moltrack.rules.catalogue import load_rules, rule_files

Write = Callable[..., Path]


@pytest.mark.parametrize("name", rule_files())
def test_every_rule_file_loads_and_names_its_paper(name: str) -> None:
    rules = load_rules(name)
    assert rules.id == name
    assert rules.citation


@pytest.mark.parametrize(("name", "kind"), [("eln2022", "risk"), ("response_eln2022", "response"), ("flags", "flags")])
def test_the_kind_is_that_of_the_file(name: str, kind: str) -> None:
    assert load_rules(name).kind == kind


def test_a_laboratorys_file_is_of_the_kind_it_extends(write: Write) -> None:
    rules = load_rules(write("lab.yaml", "extends: response_eln2022", "thresholds: {blasts: 0.04}"))
    assert (rules.kind, rules.overridden) == ("response", ("blasts is 0.04 instead of 0.05",))


def test_a_file_that_extends_a_laboratorys_file_is_of_its_kind(write: Write) -> None:
    write("lab.yaml", "extends: flags", "thresholds: {adult_age: 21}")
    rules = load_rules(write("more.yaml", "extends: lab.yaml", "thresholds: {mfc_positive: 0.01}"))
    assert (rules.kind, len(rules.overridden)) == ("flags", 2)


def test_a_mistake_in_it_is_named_with_its_line(write: Write) -> None:
    with pytest.raises(RuleError, match=r"lab\.yaml:2: response_eln2022 has no threshold 'blast'"):
        load_rules(write("lab.yaml", "extends: response_eln2022", "thresholds: {blast: 0.04}"))


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UnknownError, match=r"'eln1999' is neither a rule set \(eln2017, eln2022.*response_eln2022"):
        load_rules("eln1999")
