"""The three-valued engine: a verdict holds only if it holds for every completion of what is not known.

A rule set is a table of rows, each with a category and a condition over named atoms. The engine works on a compiled form: atoms
that the rules never tell apart (the nine myelodysplasia-related genes, say) become one, every valid completion is evaluated once, and
a patient is then a look-up among those completions. A completion is valid when it keeps the declared constraints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from moltrack.errors import RuleError
from moltrack.model import Truth
from moltrack.rules.conditions import Condition, atoms_of, evaluate, sibling_sets

if TYPE_CHECKING:
    import numpy as np

#: More joined atoms than this would make the table of completions too large to hold.
LARGEST_TABLE = 18


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a guideline's table.

    ``yields_to`` names rows that the guideline (or a plain derivation) puts before this one; ``residual`` rows yield to every other.
    ``contested`` marks a precedence that is derived and disputed.
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a set of completions amounts to.

    ``category`` None = not assessable; ``possible`` in the order of the rule set; ``convention`` the usual category when observed rows
    conflict; ``rows`` ids of the rows that hold in every completion; ``open_rows`` those that hold in some.
    """

    category: str | None
    possible: tuple[str, ...]
    basis: str
    convention: str
    rows: tuple[str, ...]
    open_rows: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A compiled rule set.

    Parameters
    ----------
    rows
        In the order of the guideline.
    order
        Ids of rows, first wins: the convention where the guideline states no precedence.
    constraints
        Conditions that every completion keeps.
    categories
        From best to worst; the order in which possible categories are listed.
    """

    rows: tuple[Row, ...]
    order: tuple[str, ...]
    categories: tuple[str, ...]
    constraints: tuple[Condition, ...] = ()
    _memo: dict[tuple[int, int], Outcome] = field(default_factory=dict, repr=False, compare=False)

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
        signature: dict[str, frozenset[int]] = sibling_sets(everything)
        names = [
            *self.atoms,
            *(name for condition in self.constraints for name in atoms_of(condition, self.conditions)),
        ]
        groups: dict[object, list[str]] = {}
        for name in dict.fromkeys(names):
            own = signature.get(name, frozenset())
            groups.setdefault(("any", own) if own else ("alone", name), []).append(name)
        found = tuple(tuple(group) for group in groups.values())
        if len(found) > LARGEST_TABLE:
            raise RuleError(f"the rules tell {len(found)} inputs apart, more than {LARGEST_TABLE}.")
        return found

    @cached_property
    def _bit(self) -> dict[str, int]:
        return {name: 1 << index for index, group in enumerate(self.joined) for name in group}

    @cached_property
    def _completions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Valid completions as bit masks, with the category index, whether it rests on a convention, and the rows that hold."""
        import numpy as np

        masks = np.arange(1 << len(self.joined))
        values = {name: (masks & bit) != 0 for name, bit in self._bit.items()}
        valid = np.ones(len(masks), dtype=bool)
        for condition in self.constraints:
            valid &= evaluate(condition, values, self.conditions)
        holding = np.zeros(len(masks), dtype=np.int64)
        for index, row in enumerate(self.rows):
            holding |= np.where(evaluate(row.when, values, self.conditions), 1 << index, 0)
        masks, holding = masks[valid], holding[valid]
        categories = np.zeros(len(masks), dtype=np.int64)
        conventions = np.zeros(len(masks), dtype=bool)
        left_rows = np.zeros(len(masks), dtype=np.int64)
        for combination in np.unique(holding):
            rows = [row for index, row in enumerate(self.rows) if int(combination) >> index & 1]
            category, is_convention, left = self.decide(rows)
            own = holding == combination
            categories[own] = self.categories.index(category)
            conventions[own] = is_convention
            left_rows[own] = sum(1 << self.rows.index(row) for row in left)
        return masks, categories, conventions, left_rows

    def decide(self, rows: Sequence[Row]) -> tuple[str, bool, tuple[Row, ...]]:
        """The category when exactly these rows hold, whether it rests on a convention, and the rows that were left.

        Raises
        ------
        RuleError
            No row holds: the table has no residual row.
        """
        ids = {row.id for row in rows}
        left = [row for row in rows if not row.residual and not ids & set(row.yields_to)]
        left = left or [row for row in rows if not ids & set(row.yields_to)] or list(rows)
        if not left:
            raise RuleError("no row holds for some inputs: a residual row is missing.")
        categories = {row.category for row in left}
        if len(categories) == 1:
            return left[0].category, False, tuple(left)
        first = min(left, key=lambda row: self.order.index(row.id) if row.id in self.order else len(self.order))
        return first.category, True, tuple(left)

    def state(self, answers: Mapping[str, Truth]) -> tuple[int, int]:
        """Known and true bits of a patient; an atom that is not named is unknown. A group is YES when one of it is, NO when all are."""
        known = true = 0
        for index, group in enumerate(self.joined):
            values = [answers.get(name, Truth.UNKNOWN) for name in group]
            if Truth.YES in values:
                known |= 1 << index
                true |= 1 << index
            elif all(value is Truth.NO for value in values):
                known |= 1 << index
        return known, true

    def outcome(self, answers: Mapping[str, Truth]) -> Outcome:
        """The verdict over all completions of what ``answers`` leaves open.

        Raises
        ------
        RuleError
            The answers contradict the constraints.
        """
        return self._outcome(*self.state(answers))

    def _outcome(self, known: int, true: int) -> Outcome:
        memo = self._memo.get((known, true))
        if memo is not None:
            return memo
        masks, categories, conventions, holding = self._completions
        chosen = (masks & known) == true
        if not chosen.any():
            raise RuleError("the inputs contradict each other.")
        own = categories[chosen]
        found = {self.categories[index] for index in set(own.tolist())}
        always, ever = self._rows_in(holding[chosen])
        observed = {row.category for row in always if not row.residual}
        possible = tuple(name for name in self.categories if name in found | observed)
        if len(observed) > 1:
            convention = self.decide(always)[0]
            result = Outcome(None, possible, "convention", convention, _ids(always), _ids(ever))
        elif len(found) > 1:
            result = Outcome(None, possible, "", "", _ids(always), _ids(ever))
        else:
            [category] = found
            basis = "convention" if conventions[chosen].any() else _basis(always)
            result = Outcome(category, possible, basis, "", _ids(always), _ids(ever))
        self._memo[known, true] = result
        return result

    def _rows_in(self, holding: np.ndarray) -> tuple[list[Row], list[Row]]:
        import numpy as np

        every = int(np.bitwise_and.reduce(holding))
        some = int(np.bitwise_or.reduce(holding))
        return (
            [row for index, row in enumerate(self.rows) if every >> index & 1],
            [row for index, row in enumerate(self.rows) if some >> index & 1],
        )

    def deciding(self, answers: Mapping[str, Truth], candidates: Iterable[str]) -> tuple[str, ...]:
        """The fewest unknown atoms that would settle the category if they were tested and absent; all that matter when none would.

        ``candidates`` are the unknown atoms that a test can answer.
        """
        known, true = self.state(answers)
        unknown = [index for index in range(len(self.joined)) if not known >> index & 1]
        open_names = set(candidates)
        testable = [index for index in unknown if open_names & set(self.joined[index])]
        relevant = [index for index in testable if self._matters(known, true, index)]
        for size in range(1, min(4, len(relevant)) + 1):
            for subset in combinations(relevant, size):
                mask = sum(1 << index for index in subset)
                try:
                    if self._outcome(known | mask, true).category is not None:
                        return self._names(subset, answers)
                except RuleError:
                    continue
        return self._names(relevant, answers)

    def _matters(self, known: int, true: int, index: int) -> bool:
        """True when some completion of the others has another category with the atom than without."""
        import numpy as np

        masks, categories, _, _ = self._completions
        bit = 1 << index
        chosen = (masks & known) == true
        own, labels = masks[chosen], categories[chosen]
        lookup = dict(zip(own.tolist(), labels.tolist(), strict=True))
        without = own[(own & bit) == 0]
        return bool(np.any([lookup.get(int(mask) | bit, lookup[int(mask)]) != lookup[int(mask)] for mask in without]))

    def _names(self, indices: Iterable[int], answers: Mapping[str, Truth]) -> tuple[str, ...]:
        return tuple(
            name
            for index in indices
            for name in self.joined[index]
            if answers.get(name, Truth.UNKNOWN) is Truth.UNKNOWN
        )


def _ids(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(row.id for row in rows)


def _basis(rows: Sequence[Row]) -> str:
    bases = {row.basis for row in rows}
    for basis in ("convention", "derived"):
        if bases and bases <= {basis, "stated"} and basis in bases:
            return basis
    return "stated"
