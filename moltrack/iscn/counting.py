"""How many abnormalities: by ISCN 2024 and by Chun 2010.

Over the whole sample, identical items once. Never counted: constitutional changes and normal variants, what ``idem`` repeats, the
sex complement, what too few cells show to be a clone, and loss of Y when it is the only change.

Source: ISCN 2024, section 6.5 and Table 7, as described in public: a gain or loss counts 1, a balanced rearrangement 1, an
unbalanced one of two chromosomes 2, a derivative of one chromosome each of its components, markers as many as are stated.
Chun, Leuk Res 2010;34:831: every item 1, markers as many as are stated, a tetraploid clone 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from moltrack.iscn.bands import ACROCENTRIC
from moltrack.iscn.records import Clone, Counted, Event, Finding, Part


def counted(findings: Sequence[Finding], clones: Sequence[Clone], copies: dict[str, int]) -> tuple[Counted, ...]:
    """The abnormalities of the recipient's clones with their weights.

    Parameters
    ----------
    findings
        Those that count: acquired, clonal, understood, not explained by another.
    copies
        Highest number of copies in one clone, by event key.
    """
    events = [finding.event for finding in findings]
    balanced = _balanced_pairs(events)
    seen: set[str] = set()
    items: list[Counted] = []
    for event in events:
        number = copies[event.key] if event.kind in ("gain", "loss", "mar", "r", "der") and _is_whole(event) else 1
        if _is_whole(event):
            items.append(Counted(_shown(event, number), number, number))
            continue
        weight = _weight(event, balanced, seen)
        first = not _only_repeats(event, balanced, seen)
        items.append(Counted(event.key, weight, 1 if first or event.sign == "+" else 0))
        seen.update(str(part) for part in event.parts)
    if any(clone.ploidy > 2 and not clone.donor for clone in clones):
        items.append(Counted("polyploidy", 0, 1))
    if [item.text for item in items] == ["-Y"]:
        return ()
    return tuple(item for item in items if item.iscn2024 or item.chun2010)


def _is_whole(event: Event) -> bool:
    return event.kind in ("gain", "loss") or not event.parts


def _shown(event: Event, number: int) -> str:
    return f"{event.key}x{number}" if number > 1 else event.key


def _balanced_pairs(events: Sequence[Event]) -> set[str]:
    """Translocations that are balanced in the sample: printed as such, or with each of their derivative chromosomes."""
    balanced = {event.body for event in events if event.kind == "t" and len(event.parts) == 1}
    homes: dict[str, set[str]] = {}
    needed: dict[str, set[str]] = {}
    for event in events:
        if event.kind in ("der", "ider"):
            for part in event.parts[1:]:
                if part.kind == "t":
                    homes.setdefault(str(part), set()).update(event.parts[0].chromosomes)
                    needed[str(part)] = set(part.chromosomes)
    return balanced | {text for text, chroms in needed.items() if chroms <= homes[text] and len(chroms) > 1}


def _only_repeats(event: Event, balanced: set[str], seen: set[str]) -> bool:
    """True for the second derivative of a translocation that was counted with the first."""
    return (
        event.kind == "der" and len(event.parts) > 1 and all(str(part) in balanced & seen for part in event.parts[1:])
    )


def _weight(event: Event, balanced: set[str], seen: set[str]) -> int:
    first, *rest = event.parts
    if not rest:
        return _single(first)
    weight = 1 if event.kind == "ider" or first.bands else 0
    for part in rest:
        if str(part) in seen:
            continue
        weight += (
            1 if str(part) in balanced or part.kind not in ("t", "ins", "dic") else max(2, len(set(part.chromosomes)))
        )
    return weight or (1 if event.sign == "+" else 0)


def _single(part: Part) -> int:
    """A rearrangement without components: two for an unbalanced one of two chromosomes, else one."""
    if part.kind in ("dic", "der") and len(part.chromosomes) > 1:
        return 1 if set(part.chromosomes) <= ACROCENTRIC else len(set(part.chromosomes))
    return 1
