"""The three-valued engine: a verdict holds only if it holds for every completion of what is not known.

A rule set is a table of rows, each with a category and a condition over named atoms. A completion gives every unknown atom a value and
keeps the declared constraints. All completions of a patient are evaluated at once, each as one bit of a whole number, after atoms
that the rules never tell apart (the nine myelodysplasia-related genes, say) have been joined and those that no rule reads any more
have been dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from moltrack.errors import RuleError
from moltrack.model import Truth
from moltrack.rules.conditions import Compiled, Condition, atoms_of, compiled, sibling_sets

#: More unknown joined atoms than this would need more than a million completions.
MOST_UNKNOWN = 20

#: Outcomes kept for patients of whom the same is known.
MOST_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a guideline's table.

    ``yields_to`` names rows that the guideline (or a plain derivation) puts before this one; ``residual`` rows yield to every other.
    ``yields_derived`` those of them that the text does not name but that follow from it: a category won that way is derived.
    ``missing`` is the test that would settle what the row leaves open.
    """

    id: str
    category: str
    when: Condition
    title: str = ""
    citation: str = ""
    basis: str = "stated"
    yields_to: tuple[str, ...] = ()
    residual: bool = False
    note: str = ""
    yields_derived: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the completions of a patient amount to.

    ``category`` None = not assessable; ``possible`` in the order of the rule set; ``convention`` the usual category when rows that hold
    for certain conflict and the guideline states no precedence; ``rows`` ids of the rows that decide in every completion;
    ``basis`` is stated, derived or convention.
    """

    category: str | None
    possible: tuple[str, ...]
    basis: str
    convention: str
    rows: tuple[str, ...]

    @property
    def text(self) -> str:
        """The category, ``NA{F,A}`` or ``NA{F,A}; conv F``."""
        if self.category is not None:
            return self.category
        text = "NA{" + ",".join(self.possible) + "}"
        return f"{text}; conv {self.convention}" if self.convention else text


@dataclass(frozen=True)
class Table:
    """The rows of a rule set, compiled when first asked.

    Parameters
    ----------
    rows
        In the order of the guideline.
    order
        Ids of rows, first wins: the convention where the guideline states no precedence. A conflict between rows that are not
        named here stays open.
    constraints
        Conditions that every completion keeps.
    categories
        From best to worst; the order in which possible categories are listed.
    """

    rows: tuple[Row, ...]
    order: tuple[str, ...]
    categories: tuple[str, ...]
    constraints: tuple[Condition, ...] = ()
    _memo: dict[tuple[Truth, ...], Outcome] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def atoms(self) -> tuple[str, ...]:
        """Every atom that a row reads."""
        return tuple(dict.fromkeys(name for row in self.rows for name in atoms_of(row.when, self.conditions)))

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        return {row.id: row.when for row in self.rows}

    @cached_property
    def joined(self) -> tuple[tuple[str, ...], ...]:
        """Groups of atoms that the rules never tell apart: always side by side in the same ``any``."""
        everything = [row.when for row in self.rows] + list(self.constraints)
        signature = sibling_sets(everything)
        names = [*self.atoms]
        names += [name for condition in self.constraints for name in atoms_of(condition, self.conditions)]
        groups: dict[object, list[str]] = {}
        for name in dict.fromkeys(names):
            own = signature.get(name, frozenset())
            groups.setdefault(("any", own) if own else ("alone", name), []).append(name)
        return tuple(tuple(group) for group in groups.values())

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: index for index, group in enumerate(self.joined) for name in group}

    @cached_property
    def is_read(self) -> tuple[bool, ...]:
        """For each group whether a row reads it; the others only stand in constraints."""
        read = set(self.atoms)
        return tuple(any(name in read for name in group) for group in self.joined)

    @cached_property
    def _rows(self) -> list[tuple[Row, Compiled]]:
        return [(row, compiled(row.when, self.conditions, self._places)) for row in self.rows]

    @cached_property
    def _constraints(self) -> list[Compiled]:
        return [compiled(condition, self.conditions, self._places) for condition in self.constraints]

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {name: rank for rank, name in enumerate(self.order)}

    def outcome(self, answers: Mapping[str, Truth]) -> Outcome:
        """The verdict over all completions of what ``answers`` leaves open.

        Raises
        ------
        RuleError
            The answers contradict the constraints, or leave too much open.
        """
        state = self.state(answers)
        found = self._memo.get(state)
        if found is None:
            if len(self._memo) >= MOST_REMEMBERED:
                self._memo.clear()
            found = self._memo[state] = _Completions(self, state).outcome()
        return found

    def deciding(self, answers: Mapping[str, Truth]) -> tuple[str, ...]:
        """Unknown atoms that would settle the category if they were tested and absent; all that matter when that would not.

        The set is minimal: with any of them left out, the category stays open.
        """
        completions = _Completions(self, self.state(answers))
        needed = [index for index in completions.open if completions.matters(index)]
        if completions.settled_without(needed):
            for index in reversed(needed):  # what the first rows read, usually fusions and karyotype, is kept
                rest = [other for other in needed if other != index]
                if completions.settled_without(rest):
                    needed = rest
        return self._names(needed, answers)

    def state(self, answers: Mapping[str, Truth]) -> tuple[Truth, ...]:
        """What is known of each group of joined atoms: YES when one of it is there, NO when all are excluded."""
        return tuple(
            answers.get(group[0], Truth.UNKNOWN) if len(group) == 1 else _any_of(group, answers)
            for group in self.joined
        )

    def _names(self, indices: Iterable[int], answers: Mapping[str, Truth]) -> tuple[str, ...]:
        return tuple(
            name
            for index in indices
            for name in self.joined[index]
            if answers.get(name, Truth.UNKNOWN) is Truth.UNKNOWN
        )


class _Completions:
    """One patient's completions: ``every`` has a bit for each that keeps the constraints."""

    def __init__(self, table: Table, state: Sequence[Truth]) -> None:
        self.table = table
        self.open = [index for index, answer in enumerate(state) if answer is Truth.UNKNOWN]
        if len(self.open) > MOST_UNKNOWN:
            raise RuleError(f"{len(self.open)} inputs are unknown, more than {MOST_UNKNOWN}.")
        count = len(self.open)
        full = (1 << (1 << count)) - 1
        values = [full if answer is Truth.YES else 0 for answer in state]
        for place, index in enumerate(self.open):
            values[index] = _pattern(place, count)
        self.every = full
        for condition in table._constraints:
            self.every &= condition(values, full)
        if not self.every:
            raise RuleError("the inputs contradict each other.")
        for place, index in enumerate(self.open):
            if not table.is_read[index]:
                self.every = _dropped(self.every, place, len(self.open))
        self.holds = {row.id: condition(values, full) & self.every for row, condition in table._rows}
        self.derived = 0
        self.categories, self.conflicts, self.left = self._decided(self.holds, self.every)

    def _decided(self, holds: Mapping[str, int], every: int) -> tuple[dict[str, int], int, dict[str, int]]:
        """The completions of each category, those in which rows of several categories are left, and those in which each row is left."""
        left: dict[str, int] = {}
        taken = 0
        for row in self.table.rows:
            if not row.residual:
                own = holds[row.id]
                for other in row.yields_to:
                    self.derived |= own & holds[other] if other in row.yields_derived else 0
                    own &= ~holds[other]
                left[row.id] = own
                taken |= own
        for row in self.table.rows:
            if row.residual:
                left[row.id] = holds[row.id] & ~taken
        by_category: dict[str, int] = {}
        for row in self.table.rows:
            by_category[row.category] = by_category.get(row.category, 0) | left[row.id]
        once = conflicts = 0
        for own in by_category.values():
            conflicts |= once & own
            once |= own
        if every & ~once:
            raise RuleError("no row holds for some inputs: a residual row is missing.")
        if conflicts:
            # By convention the first row of the order decides; without a convention every row that is left stays possible.
            resolved = {category: own & ~conflicts for category, own in by_category.items()}
            pending = conflicts
            for row in sorted(self.table.rows, key=lambda row: self.table._ranks.get(row.id, len(self.table._ranks))):
                own = left[row.id] & pending
                resolved[row.category] |= own
                if row.id in self.table._ranks:
                    pending &= ~own
            by_category = resolved
        return by_category, conflicts, left

    def outcome(self) -> Outcome:
        """The verdict: one category, or the possible ones.

        Rows that hold in every completion are observed. Where they conflict and nothing states a precedence, the verdict stays open
        whatever the rest is, and the convention is named.
        """
        table = self.table
        found = self._found(self.every)
        observed = self._observed(self.every)
        if len({row.category for row in observed}) > 1:
            ranked = [row for row in observed if row.id in table._ranks]
            if len(found) == 1:
                [convention] = found
            else:
                convention = min(ranked, key=lambda row: table._ranks[row.id]).category if ranked else ""
            possible = self._listed(found | {row.category for row in observed})
            return Outcome(None, possible, "convention", convention, tuple(row.id for row in observed))
        decides = tuple(row.id for row in table.rows if self.left[row.id] == self.every)
        if len(found) > 1:
            return Outcome(None, self._listed(found), "", "", decides)
        [category] = found
        basis = "convention" if self.conflicts else self._basis(category)
        return Outcome(category, (category,), basis, "", decides)

    def settled_without(self, indices: Iterable[int]) -> bool:
        """True when one category is left once these inputs are known to be absent."""
        chosen = self.every
        for index in indices:
            chosen &= ~_pattern(self.open.index(index), len(self.open))
        if not chosen or len(self._found(chosen)) > 1:
            return False
        return len({row.category for row in self._observed(chosen)}) <= 1

    def _found(self, chosen: int) -> set[str]:
        """The categories of these completions."""
        return {category for category, own in self.categories.items() if own & chosen}

    def _observed(self, chosen: int) -> list[Row]:
        """Rows that hold in all of these completions and yield to no other such row."""
        certain = {row.id for row in self.table.rows if self.holds[row.id] & chosen == chosen}
        return [
            row
            for row in self.table.rows
            if row.id in certain and not row.residual and certain.isdisjoint(row.yields_to)
        ]

    def _basis(self, category: str) -> str:
        """The weakest basis that the category rests on in any completion."""
        covered = 0
        for row in self.table.rows:
            if row.basis == "stated" and row.category == category:
                covered |= self.left[row.id]
        if covered == self.every:
            return "derived" if self.derived else "stated"
        weaker = [row.basis for row in self.table.rows if row.category == category and self.left[row.id] & ~covered]
        return "convention" if "convention" in weaker else "derived"

    def _listed(self, categories: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in self.table.categories if name in set(categories))

    def matters(self, index: int) -> bool:
        """True when some completion of the others has another category with this input than without."""
        place = self.open.index(index)
        distance = 1 << place
        pairs = ~_pattern(place, len(self.open)) & self.every & (self.every >> distance)
        return any((own ^ (own >> distance)) & pairs for own in self.categories.values())


@cache
def _pattern(place: int, count: int) -> int:
    """The values of an unknown atom over all ``2**count`` completions: bit ``place`` of the completion's number."""
    block = 1 << place
    pattern = ((1 << block) - 1) << block
    width = 2 * block
    total = 1 << count
    while width < total:
        pattern |= pattern << width
        width *= 2
    return pattern


def _dropped(every: int, place: int, count: int) -> int:
    """The completions that are possible with either value of an atom, whatever the other value."""
    pattern = _pattern(place, count)
    either = (every & ~pattern) | ((every & pattern) >> (1 << place))
    return either | either << (1 << place)


def _any_of(group: Sequence[str], answers: Mapping[str, Truth]) -> Truth:
    given = [answers.get(name, Truth.UNKNOWN) for name in group]
    if Truth.YES in given:
        return Truth.YES
    return Truth.UNKNOWN if Truth.UNKNOWN in given else Truth.NO
