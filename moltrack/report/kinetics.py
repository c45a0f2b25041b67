"""Clearance and kinetics of a page: per series its figures, each with its formula and the results it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moltrack.model import Clearance
from moltrack.report.words import (
    DEFINITIONS,
    estimate_kind,
    estimate_name,
    estimate_words,
    level_words,
    series_name,
    stretch_words,
)

#: Results that are named under a figure.
SOURCES = 5


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of a series: its value, what to mind, how it was made, and from which rows of which files."""

    name: str
    value: str
    warning: str
    how: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigureGroup:
    series: str
    rows: tuple[FigureRow, ...]


def figure_groups(clearances: Sequence[Clearance]) -> list[FigureGroup]:
    """Per series its baseline and the figures of its course; a series without any is left out."""
    groups = []
    for found in clearances:
        rows: list[FigureRow] = []
        if found.baseline is not None and found.reductions:
            sources = _sources(found, (found.baseline.sample,))
            rows.append(FigureRow("baseline", level_words(found.baseline), "", found.baseline_rule, sources))
        for item in found.estimates:
            value = estimate_words(item, found.series.quantity)
            name = estimate_name(item)
            if item.name in {"half_life", "doubling_time"}:
                name = ", ".join(filter(None, [name, stretch_words(item)]))
            rows.append(FigureRow(name, value, item.warning, item.method, _sources(found, item.samples)))
        if rows:
            groups.append(FigureGroup(series_name(found.series), tuple(rows)))
    return groups


def definitions_of(clearances: Sequence[Clearance]) -> list[tuple[str, str]]:
    """The figures that the table holds, with what they are."""
    kinds = dict.fromkeys(estimate_kind(item) for found in clearances for item in found.estimates)
    if any(found.baseline is not None and found.reductions for found in clearances):
        kinds = {"baseline": None, **kinds}
    names = {estimate_kind(item): estimate_name(item) for found in clearances for item in found.estimates}
    names["projection"] = "day at a threshold"
    return [(names.get(kind, kind), DEFINITIONS[kind]) for kind in kinds if kind in DEFINITIONS]


def _sources(found: Clearance, samples: Sequence[str]) -> tuple[str, ...]:
    """The results of some samples, each with file and line; of many the first ones: all stand in the table of results."""
    points = [point for point in found.series.points if point.sample in samples]
    shown = [
        f"sample {point.sample}: {level_words(point)} {', '.join(map(str, point.observation.origins))}".strip()
        for point in points[:SOURCES]
    ]
    more = len(points) - SOURCES
    return (*shown, f"and {more} more, in the table of all results") if more > 0 else tuple(shown)
