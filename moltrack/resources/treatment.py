"""Drugs and regimens by name and synonym."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from moltrack.resources.files import listed, read_table


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug or regimen: its class, what it acts on, and other names it goes by."""

    name: str
    drug_class: str
    target: str
    synonyms: tuple[str, ...]
    source: tuple[str, ...]
    unconfirmed: tuple[str, ...]


@cache
def drugs() -> Mapping[str, Drug]:
    """Drugs by name and by synonym, all in lower case."""
    items = [
        Drug(
            row["name"],
            row["class"],
            row["target"],
            listed(row["synonyms"]),
            listed(row["source"]),
            listed(row["unconfirmed"]),
        )
        for row in read_table("drugs.tsv")
    ]
    by_name = {synonym.lower(): item for item in items for synonym in item.synonyms}
    return MappingProxyType(by_name | {item.name.lower(): item for item in items})
