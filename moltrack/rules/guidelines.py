"""Reads the files of response and MRD guidelines: thresholds, lists and cells, with what a laboratory changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from moltrack.errors import RuleError, UnknownError
from moltrack.rules.ruleset import read_yaml, rule_folder


@dataclass(frozen=True)
class Guideline:
    """A guideline of ``kind`` response or mrd as data.

    ``thresholds`` are numbers by name (fractions 0-1, counts 10^9/L, days), ``words`` names of categories, ``lists`` genes,
    categories or tissues, ``cells`` the rows of a table. ``development`` marks one that rests on a version not yet published.
    ``overridden`` says which thresholds a laboratory changed, and from what.
    """

    id: str
    kind: str
    version: str
    title: str
    citation: str
    scope: str
    categories: tuple[str, ...]
    thresholds: Mapping[str, float]
    words: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cells: tuple[Mapping[str, Any], ...] = ()
    note: str = ""
    development: bool = False
    overridden: tuple[str, ...] = ()


REQUIRED = ("id", "kind", "version", "title", "citation", "categories", "thresholds")
OPTIONAL = ("scope", "words", "lists", "cells", "note", "development")
EXTENSION = ("extends", "title", "version", "thresholds")


def load_guideline(kind: str, name_or_path: str | Path) -> Guideline:
    """A response or MRD guideline by its name (``eln2022``), or from a laboratory's file.

    Raises
    ------
    UnknownError
        Neither a name nor a file.
    RuleError
        The file says what such a file may not say; file and line are named.
    """
    names = guidelines(kind)
    if str(name_or_path).removeprefix(f"{kind}_") in names:
        return _packaged(kind, str(name_or_path).removeprefix(f"{kind}_"))
    path = Path(name_or_path)
    if not path.is_file():
        raise UnknownError(f"'{name_or_path}' is neither a guideline for {kind} ({', '.join(names)}) nor a file.")
    return read_guideline(kind, path)


def guidelines(kind: str) -> tuple[str, ...]:
    """Names of the guidelines of that kind in the references."""
    return tuple(sorted(path.stem.removeprefix(f"{kind}_") for path in rule_folder().glob(f"{kind}_*.yaml")))


@cache
def _packaged(kind: str, name: str) -> Guideline:
    return read_guideline(kind, rule_folder() / f"{kind}_{name}.yaml")


def read_guideline(kind: str, path: Path) -> Guideline:
    """A guideline file, checked; or one that changes the thresholds of another (``extends``)."""
    data, place = read_yaml(path)
    allowed = EXTENSION if "extends" in data else (*REQUIRED, *OPTIONAL)
    for name in data:
        if name not in allowed:
            place.fail(f"'{name}' is not a field of a {kind} guideline ({', '.join(allowed)}).", (name,))
    for name in () if "extends" in data else REQUIRED:
        if name not in data:
            place.fail(f"the field '{name}' is missing.", ())
    thresholds = data.get("thresholds", {})
    if not isinstance(thresholds, dict):
        place.fail("thresholds are names with numbers.", ("thresholds",))
    for name, value in thresholds.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            place.fail(f"the threshold '{name}' is '{value}', expected a number.", ("thresholds", name))
    numbers = {str(name): float(value) for name, value in thresholds.items()}
    if "extends" in data:
        try:
            base = load_guideline(kind, str(data["extends"]))
        except UnknownError as error:
            place.fail(error.message, ("extends",))
        for name in numbers:
            if name not in base.thresholds:
                place.fail(f"{base.id} has no threshold '{name}' ({', '.join(base.thresholds)}).", ("thresholds", name))
        return with_thresholds(
            base, numbers, version=str(data.get("version", path.stem)), title=str(data.get("title", ""))
        )
    if data["kind"] != kind:
        place.fail(f"is of kind '{data['kind']}', expected '{kind}'.", ("kind",))
    return Guideline(
        id=str(data["id"]),
        kind=kind,
        version=str(data["version"]),
        title=str(data["title"]),
        citation=str(data["citation"]),
        scope=str(data.get("scope", "")),
        categories=tuple(data["categories"]),
        thresholds=numbers,
        words={str(name): str(word) for name, word in data.get("words", {}).items()},
        lists={str(name): tuple(map(str, items)) for name, items in data.get("lists", {}).items()},
        cells=tuple(data.get("cells", ())),
        note=str(data.get("note", "")),
        development=bool(data.get("development", False)),
    )


def with_thresholds(base: Guideline, changed: Mapping[str, float], *, version: str, title: str = "") -> Guideline:
    """The guideline with a laboratory's thresholds; ``overridden`` says each."""
    unknown = sorted(set(changed) - set(base.thresholds))
    if unknown:
        raise RuleError(f"{base.id} has no threshold '{unknown[0]}' ({', '.join(base.thresholds)}).")
    notes = tuple(
        f"{name} is {value:g} instead of {base.thresholds[name]:g}"
        for name, value in changed.items()
        if value != base.thresholds[name]
    )
    return replace(
        base,
        title=title or f"{base.title} (laboratory's thresholds)",
        version=f"{base.version}+{version}",
        thresholds={**base.thresholds, **changed},
        overridden=(*base.overridden, *notes),
    )
