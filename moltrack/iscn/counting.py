"""How many abnormalities: by ISCN 2024 and by Chun 2010.

Over the whole sample, identical items once. Never counted: constitutional changes and normal variants, what ``idem`` repeats, the
sex complement, what too few cells show to be a clone, and loss of Y when it is the only change.

Source: ISCN 2024, section 6.5 and Table 7, as described in public: a gain or loss counts 1, a balanced rearrangement 1, an
unbalanced one of two chromosomes 2, a derivative of one chromosome each of its components, markers as many as are stated.
Chun, Leuk Res 2010;34:831: every item 1, markers as many as are stated, a tetraploid clone 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from moltrack.iscn.bands import ACROCENTRIC
from moltrack.iscn.records import Clone, Counted, Event, Finding, Part


def counted(
    findings: Sequence[Finding], clones: Sequence[Clone], copies: Mapping[str, int], derived: Set[str]
) -> tuple[Counted, ...]:
    """The abnormalities of the recipient's clones with their weights.

    Parameters
    ----------
    findings
        Those that count: acquired, clonal, understood, not explained by another.
    copies
        Highest number of copies in one clone, by event key.
    derived
        Translocations written by their derivatives, all of which one clone has.
    """
    events = [finding.event for finding in findings]
    balanced = derived | {event.body for event in events if event.kind == "t" and len(event.parts) == 1}
    seen: set[str] = set()
    weighed: dict[str, Counted] = {}
    # Whole translocations first, then what is made of most parts: the count must not depend on the order of the string.
    for event in sorted(events, key=lambda event: (event.kind != "t", -len(event.parts), event.key)):
        if _is_whole(event):
            number = copies[event.key] if event.kind in ("gain", "loss", "mar", "r", "der") else 1
            weighed[event.key] = Counted(f"{event.key}x{number}" if number > 1 else event.key, number, number)
            continue
        repeats = event.sign != "+" and _only_repeats(event, balanced, seen)
        weighed[event.key] = Counted(event.key, _weight(event, balanced, seen), 0 if repeats else 1)
        seen.update(_name(part, balanced) for part in event.parts)
    items = [weighed[event.key] for event in events]
    if any(clone.ploidy > 2 and not clone.donor for clone in clones):
        items.append(Counted("polyploidy", 0, 1))
    if [item.text for item in items] == ["-Y"]:
        return ()
    return tuple(item for item in items if item.iscn2024 or item.chun2010)


def _is_whole(event: Event) -> bool:
    return event.kind in ("gain", "loss") or not event.parts


def _name(part: Part, balanced: Set[str]) -> str:
    """What makes two parts one: the chromosomes of a balanced translocation, whose derivatives may print less of it."""
    return f"t({';'.join(part.chromosomes)})" if str(part) in balanced else str(part)


def _only_repeats(event: Event, balanced: Set[str], seen: Set[str]) -> bool:
    """True for the second derivative of a translocation that was counted with the first."""
    return (
        event.kind == "der" and len(event.parts) > 1 and all(_name(part, balanced) in seen for part in event.parts[1:])
    )


def _weight(event: Event, balanced: Set[str], seen: Set[str]) -> int:
    first, *rest = event.parts
    if not rest:
        return _single(first)
    weight = 1 if event.kind == "ider" or first.bands else 0
    for part in rest:
        if _name(part, balanced) in seen:
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
