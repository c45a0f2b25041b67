"""What a file of flag rules may say: one pydantic model per part of it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from moltrack.rules.schema import Threshold, _Part

Severity = Literal["info", "warning", "alert"]


class UnknownModel(_Part):
    """What is said when the condition cannot be decided."""

    text: str
    severity: Severity = "info"


class FlagRuleModel(_Part):
    """A flag: what it is tried on, when it holds, and what is said then.

    ``with`` gives names (genes, drugs ...) to the predicates of this rule alone. ``answer: UNKNOWN`` marks a rule that finds something
    missing, which ``missing`` names.
    """

    id: str
    flag: str = ""
    title: str
    scope: Literal["patient", "sample", "marker", "observation", "series"]
    hidden: bool = False
    when: Any
    with_: dict[str, list[str | int]] = Field(default_factory=dict, alias="with")
    severity: Severity = "info"
    text: str
    unknown: UnknownModel | None = None
    answer: Literal["YES", "UNKNOWN"] = "YES"
    missing: list[str] = Field(default_factory=list)
    yields_to: list[str] = Field(default_factory=list)
    citation: str = ""
    basis: Literal["stated", "derived", "convention"] = "stated"
    note: str = ""


class FlagFile(_Part):
    """Flag rules with their thresholds and lists of names."""

    id: str
    kind: Literal["flags"]
    version: str
    title: str
    citation: str
    thresholds: dict[str, Threshold] = Field(default_factory=dict)
    lists: dict[str, list[str | int]] = Field(default_factory=dict)
    rules: list[FlagRuleModel]
    note: str = ""
