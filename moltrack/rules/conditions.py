"""Conditions over named atoms: ``any``, ``all``, ``not``, ``at_least``, ``row``, or an atom's name. No expression language.

A condition is evaluated for many completions at once: the value of an atom is a whole number whose bit *c* says whether the atom is
true in completion *c*, so that "all of" is one bitwise *and*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from moltrack.errors import RuleError

#: A name, or a mapping with one of the keys ``any``, ``all``, ``not``, ``at_least`` (with ``of``), ``row``, ``always``.
Condition: TypeAlias = str | Mapping[str, Any]

#: Values of the atoms and the completions that exist (a bit each), to the completions in which the condition holds.
Compiled: TypeAlias = Callable[[Sequence[int], int], int]

OPERATORS = ("any", "all", "not", "at_least", "row", "always")


def check(condition: Condition, rows: Iterable[str]) -> None:
    """Refuse what is no condition.

    Raises
    ------
    RuleError
        An unknown operator, an empty list, or a row that does not exist.
    """
    if isinstance(condition, str):
        return
    if not isinstance(condition, Mapping):
        raise RuleError(f"'{condition}' is no condition: a name, or one of {', '.join(OPERATORS)}.")
    operator = operator_of(condition)
    value = condition[operator]
    extra = sorted(set(condition) - {operator} - ({"of"} if operator == "at_least" else set()))
    if extra:
        raise RuleError(f"'{extra[0]}' does not go with '{operator}'.")
    if operator in {"any", "all"}:
        if not isinstance(value, list) or not value:
            raise RuleError(f"'{operator}' needs a list of conditions.")
        for part in value:
            check(part, rows)
    elif operator == "not":
        check(value, rows)
    elif operator == "at_least":
        if not isinstance(value, int) or not isinstance(condition.get("of"), list):
            raise RuleError("'at_least' needs a number and a list 'of' conditions.")
        for part in condition["of"]:
            check(part, rows)
    elif operator == "row" and value not in list(rows):
        raise RuleError(f"there is no row '{value}'.")


def operator_of(condition: Mapping[str, Any]) -> str:
    found = [name for name in OPERATORS if name in condition]
    if len(found) != 1:
        raise RuleError(
            f"a condition has one of {', '.join(OPERATORS)}; this one has {', '.join(condition) or 'nothing'}."
        )
    return found[0]


def compiled(condition: Condition, rows: Mapping[str, Condition], places: Mapping[str, int]) -> Compiled:
    """The condition as a function of the atoms' values, which stand in a list at their ``places``; joined atoms share a place."""
    if isinstance(condition, str):
        place = places[condition]
        return lambda values, every: values[place]
    operator = operator_of(condition)
    if operator == "row":
        return compiled(rows[condition["row"]], rows, places)
    inside = parts_of(condition)
    if operator in {"any", "all"}:
        # Joined atoms have one value: it is read once.
        inside = list({places[part] if isinstance(part, str) else repr(part): part for part in inside}.values())
    parts = [compiled(part, rows, places) for part in inside]
    if operator in {"any", "all"} and len(parts) == 1:
        return parts[0]
    if operator == "any":

        def some(values: Sequence[int], every: int) -> int:
            found = 0
            for part in parts:
                found |= part(values, every)
            return found

        return some
    if operator == "all":

        def both(values: Sequence[int], every: int) -> int:
            found = every
            for part in parts:
                found &= part(values, every)
                if not found:
                    return 0
            return found

        return both
    if operator == "not":
        [inner] = parts
        return lambda values, every: every & ~inner(values, every)
    if operator == "at_least":
        needed: int = condition["at_least"]

        def count(values: Sequence[int], every: int) -> int:
            # reached[n] = completions in which at least n of the parts so far hold
            reached = [every] + [0] * needed
            for part in parts:
                own = part(values, every)
                for n in range(needed, 0, -1):
                    reached[n] |= reached[n - 1] & own
            return reached[needed]

        return count
    return lambda values, every: every


def atoms_of(condition: Condition, rows: Mapping[str, Condition]) -> Iterator[str]:
    """The atoms of a condition, in the order of reading, repeated as they occur."""
    if isinstance(condition, str):
        yield condition
        return
    operator = operator_of(condition)
    if operator == "row":
        yield from atoms_of(rows[condition["row"]], rows)
    for part in parts_of(condition):
        yield from atoms_of(part, rows)


def parts_of(condition: Mapping[str, Any]) -> list[Condition]:
    """The conditions directly inside another."""
    operator = operator_of(condition)
    if operator in {"any", "all"}:
        return list(condition[operator])
    if operator == "not":
        return [condition["not"]]
    return list(condition["of"]) if operator == "at_least" else []


def sibling_sets(conditions: Iterable[Condition]) -> dict[str, frozenset[int]]:
    """For every atom that occurs only directly inside ``any``, the numbers of those ``any``; atoms with equal sets are never told apart.

    Lists are numbered by their content, so that the same list written twice is one. An atom that also stands elsewhere is left out.
    """
    inside: dict[str, set[int]] = {}
    elsewhere: set[str] = set()
    number: dict[str, int] = {}

    def walk(condition: Condition, parent: int | None) -> None:
        if isinstance(condition, str):
            if parent is None:
                elsewhere.add(condition)
            else:
                inside.setdefault(condition, set()).add(parent)
            return
        own = number.setdefault(repr(condition), len(number)) if "any" in condition else None
        for part in parts_of(condition):
            walk(part, own)

    for condition in conditions:
        walk(condition, None)
    return {name: frozenset(parents) for name, parents in inside.items() if name not in elsewhere}
