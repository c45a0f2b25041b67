"""The rules that a patient is judged by: the references', or a laboratory's file in the place of one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from moltrack.errors import InputError, RuleError
from moltrack.rules import load_ruleset, rules_in_use

Write = Callable[..., Path]

OWN = """\
id: ours
version: "1"
title: our groups
categories: {F: favorable, A: adverse}
rows:
  - {id: npm1, category: F, when: NPM1}
  - {id: others, category: A, when: {always: true}, residual: true}
"""


def prefix(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def test_without_files_the_references_are_named() -> None:
    assert rules_in_use().versions == (
        "eln2017 1",
        "eln2022 1",
        "eln2024li 1",
        "response_eln2022 1",
        "mrd_eln2021 1",
        "flags 1",
    )


@pytest.mark.parametrize(
    ("extends", "threshold", "place"),
    [
        pytest.param("eln2022", "tp53_vaf: 0.05", 1, id="risk"),
        pytest.param("response_eln2017", "blasts: 0.04", 3, id="response-of-another-guideline"),
        pytest.param("mrd_eln2021", "ngs_positive: 0.0005", 4, id="mrd"),
        pytest.param("flags", "usual_cutoff_low: 0.02", 5, id="flags"),
    ],
)
def test_a_file_takes_the_place_of_what_it_extends(write: Write, extends: str, threshold: str, place: int) -> None:
    path = write("ours.yaml", f"extends: {extends}", "version: our lab", f"thresholds: {{{threshold}}}")
    versions = rules_in_use([path]).versions
    assert versions[place] == f"{extends} 1+our lab (ours.yaml sha256 {prefix(path)})"
    assert [version for version in versions if "sha256" in version] == [versions[place]]


def test_a_file_that_extends_another_names_both(write: Write) -> None:
    first = write("first.yaml", "extends: mrd_eln2021", "thresholds: {ngs_positive: 0.0005}")
    second = write("second.yaml", "extends: first.yaml", "thresholds: {mfc_positive: 0.002}")
    named = rules_in_use([second]).versions[4]
    assert f"(first.yaml sha256 {prefix(first)}, second.yaml sha256 {prefix(second)})" in named


def test_a_file_that_extends_itself_is_refused(write: Write) -> None:
    write("first.yaml", "extends: second.yaml")
    with pytest.raises(RuleError, match=r"^first\.yaml:1: 'second\.yaml' extends itself"):
        load_ruleset(write("second.yaml", "extends: first.yaml"))


def test_a_risk_guideline_of_its_own_is_judged_beside_the_others(write: Write) -> None:
    used = rules_in_use([write("ours.yaml", OWN)])
    assert [rules.id for rules in used.risk] == ["eln2017", "eln2022", "eln2024li", "ours"]
    assert used.risk_of("eln2022").id == "eln2022"


def test_a_name_of_the_references_has_no_file() -> None:
    assert "mrd_david2025dev david2025-dev" in rules_in_use(["mrd_david2025dev"]).versions


def test_two_files_about_the_same_are_refused(write: Write) -> None:
    one, two = (write(f"{name}.yaml", "extends: flags") for name in ("a", "b"))
    with pytest.raises(InputError, match=r"a\.yaml and .*b\.yaml are both rules for flags\. Give one of them"):
        rules_in_use([one, two])
