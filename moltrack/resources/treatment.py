"""Drugs and regimens by name and synonym."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

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
def drugs() -> tuple[Drug, ...]:
    """All drugs and regimens, in the order of the table."""
    return tuple(
        Drug(
            row["name"],
            row["class"],
            row["target"],
            listed(row["synonyms"]),
            listed(row["source"]),
            listed(row["unconfirmed"]),
        )
        for row in read_table("drugs.tsv")
    )


def drug_named(name: str) -> Drug | None:
    """The drug or regimen of a name or synonym (``PKC412``, ``7+3``), in any case; None when the table does not hold it."""
    return _drug_names().get(name.strip().casefold())


@cache
def _drug_names() -> dict[str, Drug]:
    names = {synonym.casefold(): item for item in drugs() for synonym in item.synonyms}
    return names | {item.name.casefold(): item for item in drugs()}
