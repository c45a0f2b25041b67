"""Files of flag rules: what they may say, and how a mistake is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flag_trials import flags
from patients import missed, patient, seen, variant

from moltrack.errors import RuleError, UnknownError
from moltrack.rules import load_flags, load_rules
from moltrack.rules.flags import PREDICATES

Write = Callable[..., Path]

FILE = """id: own
kind: flags
version: "1"
title: Our own
citation: our handbook
thresholds:
  adult_age: 21
lists:
  kinds: [small_variant]
rules:
  - id: young
    title: a patient under 21
    scope: patient
    when: is_minor
    text: "The patient was {age}."
    citation: our handbook, page 1
  - id: ours
    title: one of our genes
    scope: marker
    when: {all: [is_of_kind, gene_is_listed]}
    with: {genes: [NPM1]}
    text: "{marker} is ours."
    basis: convention
    note: we like it
"""


def own(write: Write, old: str = "", new: str = "") -> Path:
    assert old in FILE
    return write("own.yaml", FILE.replace(old, new, 1).rstrip("\n"))


def test_a_file_of_ones_own_makes_its_own_flags(write: Write) -> None:
    npm1 = variant("NPM1", "p.Trp288fs")
    found = flags(patient((npm1, seen(npm1, "D", 0.4)), age=20), rules=load_flags(own(write)))
    assert [(flag.id, flag.text, flag.citation) for flag in found] == [
        ("young", "The patient was 20.", "our handbook, page 1"),
        ("ours", "NPM1 p.Trp288fs is ours.", "convention: we like it"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        pytest.param("when: is_minor", "when: is_miner", 14, "'is_miner' is not a predicate of flags: did you mean 'is_minor'?", id="predicate"),
        pytest.param("when: is_minor", "when: {any: [is_minor, xyzzy]}", 14, "'xyzzy' is not a predicate of flags: there are ", id="no-near-predicate"),
        pytest.param("scope: patient", "scope: person", 13, "rules.0.scope: Input should be 'patient', 'sample'", id="scope"),
        pytest.param("scope: marker", "scope: sample", 20, "'is_of_kind' is asked of a marker, but rule 'ours' is tried on each sample", id="wrong-scope"),
        pytest.param("  adult_age: 21", "  adult: 21", 14, "'is_minor' reads the threshold 'adult_age', which is not given", id="threshold-missing"),
        pytest.param("  adult_age: 21", "  adult_age: 21\n  adult: 1", 8, "no rule reads the threshold 'adult'", id="threshold-unread"),
        pytest.param("  adult_age: 21", "  adult_age: old", 7, "'old' is not a number", id="threshold-no-number"),
        pytest.param("    with: {genes: [NPM1]}\n", "", 20, "'gene_is_listed' reads 'genes', which neither 'with' nor 'lists' give", id="names-missing"),
        pytest.param("{genes: [NPM1]}", "{genes: [NPM1], drugs: [FLT3 inhibitor]}", 21, "no predicate of rule 'ours' reads 'drugs'", id="names-unread"),
        pytest.param("[NPM1]", "[NPM2X]", 21, "'NPM2X' is not a current gene symbol", id="gene"),
        pytest.param("kinds: [small_variant]", "kinds: [smal_variant]", 9, "'smal_variant' is not one of analyte, antigen", id="kind"),
        pytest.param("    citation: our handbook, page 1\n", "", 11, "rule 'young' names no 'citation'", id="citation"),
        pytest.param("    note: we like it", "    citation: us", 17, "rule 'ours' is a convention: a 'note' has to give its reason", id="note"),
        pytest.param("{age}", "{years}", 15, "'{years}' is no word of this rule; it has (age, citation)", id="word"),
        pytest.param("{marker} is", "{marker.id} is", 22, "'{marker.id}' is no word of this rule", id="word-with-attribute"),
        pytest.param("{marker} is", "{marker!r} is", 22, "'{marker}' is no word of this rule", id="word-with-conversion"),
        pytest.param("{marker} is", "{marker is", 22, "is no template", id="template"),
        pytest.param("id: ours", "id: young", 17, "two rules are called 'young'", id="two-rules"),
        pytest.param("    note: we", "    yields_to: [young]\n    note: we", 24, "rule 'ours' yields to 'young', which is no earlier rule of its scope", id="yields-to"),
        pytest.param("    note: we", "    answer: UNKNOWN\n    note: we", 24, "rule 'ours' answers UNKNOWN, but 'missing' does not say", id="nothing-missing"),
        pytest.param("    note: we", "    answer: UNKNOWN\n    missing: ['{sample}']\n    note: we", 25, "'{sample}' is no word", id="word-of-missing"),
        pytest.param("    note: we", "    unknown: {text: '{sample}'}\n    note: we", 24, "'{sample}' is no word", id="word-of-unknown"),
        pytest.param("{all: [is_of_kind", "{every: [is_of_kind", 20, "a condition has one of any, all, not", id="operator"),
        pytest.param("when: is_minor", "when: {row: young}", 14, "there is no row 'young'", id="row"),
        pytest.param("    text: \"The", "    words: \"The", 15, "'words' is not a field of rules.0", id="field"),
        pytest.param("citation: our handbook\n", "", 1, "the field 'citation' is missing", id="field-missing"),
        pytest.param("    scope: patient\n", "    scope: patient\n    severity: urgent\n", 14, "rules.0.severity: Input should be 'info', 'warning' or 'alert'", id="severity"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(write: Write, old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_rules(own(write, old, new))
    assert str(caught.value).startswith(f"own.yaml:{line}: ")
    assert words in str(caught.value)


def test_a_class_of_drugs_that_does_not_exist_is_named(write: Write) -> None:
    text = FILE.replace("gene_is_listed]", "is_first_seen_after_drug]").replace(
        "genes: [NPM1]", "drugs: [FLT4 inhibitor]"
    )
    with pytest.raises(RuleError, match=r"own\.yaml:21: 'FLT4 inhibitor' is not a class of drugs \(.*FLT3 inhibitor"):
        load_flags(write("own.yaml", text))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param(["extends: flags", "thresholds:", "  mfc: 1"], "lab.yaml:3: flags has no threshold 'mfc'", id="name"),
        pytest.param(["extends: flags", "thresholds:", "  adult_age: x"], "lab.yaml:3: ", id="no-number"),
        pytest.param(["extends: flags", "rules: []"], "lab.yaml:2: 'rules' is not a field", id="more-than-thresholds"),
    ],
)  # fmt: skip
def test_a_laboratorys_mistake_is_named_with_its_line(write: Write, lines: list[str], words: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_rules(write("lab.yaml", *lines))
    assert words in str(caught.value)


def test_a_file_that_extends_itself_is_refused(write: Write) -> None:
    with pytest.raises(RuleError, match=r"lab\.yaml:1: 'lab\.yaml' extends itself"):
        load_flags(write("lab.yaml", "extends: lab.yaml"))


def test_two_files_that_extend_each_other_are_refused(write: Write) -> None:
    one = write("one.yaml", "extends: two.yaml")
    write("two.yaml", "extends: one.yaml")
    with pytest.raises(RuleError, match=r"two\.yaml:1: 'one\.yaml' extends itself"):
        load_flags(one)


def test_a_base_that_is_not_there_is_named(write: Write) -> None:
    with pytest.raises(RuleError, match=r"lab\.yaml:1: 'flag' is neither the rules 'flags' nor a file beside this one"):
        load_flags(write("lab.yaml", "extends: flag"))


def test_an_unknown_name_is_neither_rules_nor_a_file() -> None:
    with pytest.raises(UnknownError, match="'flags2' is neither the rules 'flags' nor a file"):
        load_flags("flags2")


def test_every_predicate_is_used_and_says_when_it_answers_yes() -> None:
    used = {name for rule in load_flags().rules for name in rule.values}
    assert used == set(PREDICATES)
    assert all(found.question for found in PREDICATES.values())


def test_a_marker_that_is_not_followed_is_tried_only_by_rules_that_say_so(write: Write) -> None:
    npm1 = variant("NPM1", tracked=False)
    records = patient((npm1, seen(npm1, "D", 0.4)), (npm1, missed(npm1, "D")))
    assert flags(records, rules=load_flags(own(write))) == []
    hidden = own(write, "    with: {genes", "    hidden: true\n    with: {genes")
    assert [flag.id for flag in flags(records, rules=load_flags(hidden))] == ["ours"]
