"""What a rule file may say: one pydantic model per part of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class RowModel(_Part):
    """A row of the guideline's table. ``yields_derived`` are precedences that follow from the text without being printed.

    ``missing`` is the test that would settle a row which leaves something open: a relapse to be confirmed, a case without a cell.
    """

    id: str
    category: str
    when: Any
    title: str = ""
    citation: str = ""
    basis: Literal["stated", "derived", "convention"] = "stated"
    yields_to: list[str] = Field(default_factory=list)
    yields_derived: list[str] = Field(default_factory=list)
    residual: bool = False
    note: str = ""
    missing: str = ""


class LevelModel(_Part):
    """A predicate made from a number: at least (or above) a named threshold; ``of`` is the lesion that the number describes."""

    number: str
    at_least: str = ""
    above: str = ""
    of: str = ""
    question: str = ""
    missing: str = ""

    @model_validator(mode="after")
    def _one_comparison(self) -> LevelModel:
        if bool(self.at_least) == bool(self.above):
            raise ValueError("a level needs one of 'at_least' and 'above'")
        return self

    @property
    def threshold(self) -> str:
        return self.at_least or self.above


class CourseModel(_Part):
    """How the course of a target is read: names of thresholds below which a level is negative and from which it is positive.

    Without them not detected is negative and any detection positive. ``rise_below``: a rise counts only from below that level. An empty
    list of targets, methods or tissues means all.
    """

    targets: list[str] = Field(default_factory=list)
    methods: list[str] = Field(default_factory=list)
    tissues: list[str] = Field(default_factory=list)
    negative_below: str = ""
    positive_from: str = ""
    rise_below: str = ""


class FlagModel(_Part):
    """A remark with the condition under which it is made."""

    id: str
    when: Any
    text: str
    severity: Literal["info", "warning", "alert"] = "info"
    citation: str = ""


class ScopeModel(_Part):
    """A condition under which the guideline does not apply, and why."""

    when: Any
    reason: str


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"'{value}' is not a number")
    return value


#: A number that rows or predicates compare with, by its name.
Threshold = Annotated[float, BeforeValidator(_number)]


class RuleFile(_Part):
    """A guideline: categories, and rows with the conditions under which they hold."""

    id: str
    kind: Literal["risk", "response", "mrd"] = "risk"
    version: str
    title: str
    citation: str = ""
    scope: str = ""
    categories: dict[str, str]
    thresholds: dict[str, Threshold] = Field(default_factory=dict)
    levels: dict[str, LevelModel] = Field(default_factory=dict)
    stays_open: dict[str, str] = Field(default_factory=dict)
    not_applicable: list[ScopeModel] = Field(default_factory=list)
    reported: list[str] = Field(default_factory=list)
    lists: dict[str, list[str]] = Field(default_factory=dict)
    courses: list[CourseModel] = Field(default_factory=list)
    constraints: list[Any] = Field(default_factory=list)
    rows: list[RowModel]
    order: list[str] = Field(default_factory=list)
    flags: list[FlagModel] = Field(default_factory=list)
    note: str = ""
    development: bool = False


class ExtensionFile(_Part):
    """A laboratory's thresholds for a guideline that exists."""

    extends: str
    id: str = ""
    title: str = ""
    version: str = ""
    thresholds: dict[str, Threshold] = Field(default_factory=dict)
    note: str = ""
