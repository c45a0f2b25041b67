"""What was given: drugs of treatments by any of their names, and which were given together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product

from moltrack import resources
from moltrack.model import Event, EventType, Evidence, Truth

AZACITIDINE, IVOSIDENIB = "azacitidine", "ivosidenib"


def azacitidine_ivosidenib(events: Iterable[Event]) -> tuple[Truth, tuple[Evidence, ...]]:
    """Whether azacitidine and ivosidenib were (or are planned to be) given together.

    UNKNOWN while no treatment is recorded, while the drugs of one are not, or when both were given and it is not said whether at once.
    """
    given = {event: drugs_of(event) for event in events if event.type is EventType.TREATMENT}
    if not given:
        return Truth.UNKNOWN, ()
    one = [event for event, drugs in given.items() if drugs and AZACITIDINE in drugs]
    two = [event for event, drugs in given.items() if drugs and IVOSIDENIB in drugs]
    together = {(first, second): _together(first, second) for first, second in product(one, two)}
    for pair, answer in together.items():
        if answer is Truth.YES:
            return Truth.YES, tuple(dict.fromkeys(map(_evidence, pair)))
    if Truth.UNKNOWN in together.values() or None in given.values():
        return Truth.UNKNOWN, tuple(_evidence(event) for event in given)
    return Truth.NO, tuple(_evidence(event) for event in given)


def drugs_of(event: Event) -> frozenset[str] | None:
    """The drugs of a treatment by their usual names, regimens taken apart; None when its drugs are not known.

    Drugs that are listed count as known whatever their name; without a list, the treatment's name has to be made of known drugs.
    """
    names = event.drugs or tuple(re.split(r"\s*(?:\+|,|;|/|&|\band\b)\s*", event.name))
    whole = resources.drug_named(event.name) if not event.drugs else None
    found: set[str] = set()
    for name in [whole.name] if whole else names:
        drug = resources.drug_named(name)
        if drug is None and not event.drugs:
            return None
        found.update(_parts(drug) if drug else [name.strip().lower()])
    return frozenset(found)


def _parts(drug: resources.Drug) -> Iterator[str]:
    if drug.drug_class == "regimen":
        yield from drug.target.split(" + ")
    else:
        yield drug.name


def _together(one: Event, two: Event) -> Truth:
    """Whether two treatments overlap in time; UNKNOWN when their times do not tell."""
    if one is two or (one.start == two.start and one.start.is_known):
        return Truth.YES
    first, second = _span(one), _span(two)
    if first is None or second is None or first[0] != second[0]:
        return Truth.UNKNOWN
    return Truth.YES if first[1] <= second[2] and second[1] <= first[2] else Truth.NO


def _span(event: Event) -> tuple[str, int, int] | None:
    """Scale, first and last day; None without an end."""
    end = event.end
    if end is None or end.scale is not event.start.scale:
        return None
    if event.start.first is not None and end.last is not None:
        return "calendar", event.start.first.toordinal(), end.last.toordinal()
    if event.start.day_first is not None and end.day_last is not None and event.start.anchor == end.anchor:
        return event.start.anchor, event.start.day_first, end.day_last
    return None


def _evidence(event: Event) -> Evidence:
    planned = ", planned" if event.planned else ""
    return Evidence(f"{event.name} ({event.start}{planned})", origin=f"events:{event.line}" if event.line else "")
