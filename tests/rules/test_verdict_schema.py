"""The JSON form of a verdict is what its schema says."""

from __future__ import annotations

import json
from dataclasses import fields
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from patients import lesion, patient, seen, variant
from test_risk_vignettes import inputs
from vignettes_risk import VIGNETTES, Vignette

from moltrack.analysis import build_axis
from moltrack.model import MarkerKind, Verdict
from moltrack.rules import evaluate, load_ruleset, risk_rulesets, risk_verdict, verdict_json


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = (files("moltrack.rules") / "verdict.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    Draft202012Validator.check_schema(found)
    return found


def test_every_field_of_a_verdict_is_described(schema: dict[str, Any]) -> None:
    made = {"schema_version", "verdict", "disclaimer"}
    assert set(schema["properties"]) == {field.name for field in fields(Verdict)} | made
    assert set(schema["required"]) == set(schema["properties"])


@pytest.mark.parametrize("ruleset", risk_rulesets())
@pytest.mark.parametrize(
    "vignette", [v for v in VIGNETTES if v.id in {"R05", "R08", "R13", "R20", "R45", "R62", "R67"}], ids=lambda v: v.id
)
def test_verdicts_keep_to_the_schema(schema: dict[str, Any], vignette: Vignette, ruleset: str) -> None:
    data = verdict_json(evaluate(load_ruleset(ruleset), inputs(vignette), sample="D"))
    Draft202012Validator(schema).validate(json.loads(json.dumps(data)))


def test_a_verdict_from_observations_keeps_to_the_schema(schema: dict[str, Any]) -> None:
    npm1, itd = variant("NPM1", "p.Trp288fs"), lesion("FLT3_ITD", MarkerKind.ITD)
    records = patient((npm1, seen(npm1, "D", 0.4)), (itd, seen(itd, "D", 0.3, quantity="allelic_ratio")))
    verdict = risk_verdict(load_ruleset("eln2017"), records, build_axis(records))
    data = verdict_json(verdict)
    Draft202012Validator(schema).validate(json.loads(json.dumps(data)))
    [found] = [item for item in data["predicates"] if item["name"] == "NPM1"]
    assert found["evidence"][0]["origin"] == "calls.vcf:12"
