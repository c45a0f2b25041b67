"""Conclusions without their finding: shown, and read only where a rule file names them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from patients import missed, patient, seen

from moltrack.model import Marker, MarkerKind, Status, Technique, Truth
from moltrack.rules import Inputs, evaluate, explain, inputs_of, load_ruleset

KARYOTYPE = Marker("reported: karyotype", MarkerKind.REPORTED, "karyotype (as reported)")
TP53 = Marker("reported: TP53", MarkerKind.REPORTED, "TP53 (as reported)")


def read(text: str, status: Status = Status.DETECTED) -> Inputs:
    item = seen(KARYOTYPE, "D", text=text, technique=Technique.ARRAY, status=status)
    return inputs_of(patient((KARYOTYPE, item)), ("D",))


def test_a_reported_conclusion_answers_nothing_by_itself_but_is_shown() -> None:
    found = read("complex")
    assert found.answer("complex") is Truth.UNKNOWN
    assert found.evidence["complex"][0].text == "reported only: complex (array)"
    assert found.evidence["complex"][0].origin == "calls.vcf:12"
    shown = explain(evaluate(load_ruleset("eln2022"), found))
    assert "reported only: complex (array), sample D <calls.vcf:12>" in shown


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param("complex", Truth.YES, id="complex"),
        pytest.param("Complex karyotype", Truth.YES, id="capital"),
        pytest.param("not complex", Truth.NO, id="not-complex"),
        pytest.param("non-complex", Truth.NO, id="non-complex"),
        pytest.param("normal", Truth.NO, id="normal"),
        pytest.param("aberrant", Truth.UNKNOWN, id="says-nothing-of-it"),
    ],
)
def test_what_a_reported_karyotype_concludes(text: str, answer: Truth) -> None:
    assert read(text).reported.get("complex", Truth.UNKNOWN) is answer


def test_a_reported_gene_is_read_by_its_symbol() -> None:
    assert inputs_of(patient((TP53, missed(TP53, "D"))), ("D",)).reported["TP53"] is Truth.NO


def test_reports_that_disagree_answer_nothing() -> None:
    items = [(TP53, seen(TP53, "D")), (TP53, missed(TP53, "D", assay="other"))]
    assert inputs_of(patient(*items), ("D",)).reported["TP53"] is Truth.UNKNOWN


@pytest.mark.parametrize(("named", "category"), [(True, "A"), (False, "F")])
def test_a_rule_file_that_names_a_predicate_reads_its_report(
    write: Callable[..., Path], named: bool, category: str
) -> None:
    file = write(
        "own.yaml",
        "id: own",
        'version: "1"',
        "title: Our own",
        "categories: {F: favorable, A: adverse}",
        "reported: [complex]" if named else "reported: []",
        "rows:",
        "  - {id: bad, category: A, when: complex}",
        "  - {id: rest, category: F, when: {always: true}, residual: true}",
    )
    assert evaluate(load_ruleset(file), read("complex")).as_observed == category
