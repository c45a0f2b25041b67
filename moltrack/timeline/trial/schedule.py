"""A schedule of visits, read from its table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from moltrack.analysis.trial import Visit
from moltrack.errors import FormatError


@dataclass(frozen=True, slots=True)
class Schedule:
    """Planned visits in the order of the file, with the line of each."""

    path: Path
    visits: tuple[Visit, ...]
    lines: tuple[int, ...]

    @property
    def tests(self) -> tuple[str, ...]:
        """Every test that a visit expects, in the order of the file."""
        return tuple(dict.fromkeys(test for visit in self.visits for test in visit.tests))

    def number(self, visit: Visit) -> int:
        """Place of a visit's name among those of the schedule, from 1."""
        return list(dict.fromkeys(item.name for item in self.visits)).index(visit.name) + 1

    def error(self, test: str, message: str) -> FormatError:
        """An error at the first line that names a test, to be raised."""
        line = next(line for visit, line in zip(self.visits, self.lines, strict=True) if test in visit.tests)
        return FormatError(message, path=self.path, line=line)


def read_schedule(path: Path) -> Schedule:
    """Read a schedule (CSV, TSV or XLSX; see ``moltrack formats --template schedule``).

    Raises
    ------
    FormatError
        A column or a cell is missing or cannot be; a visit stands there twice for one tissue, or holds no row.
    """
    from moltrack.formats.clinical import own
    from moltrack.formats.clinical.described import tissue_of
    from moltrack.formats.clinical.schedule import TABLE
    from moltrack.formats.registry import ReadOptions

    visits: list[Visit] = []
    lines: list[int] = []
    for row in own.read_own(path, ReadOptions(), TABLE).rows:
        name, tissue = row.need("visit"), row.text("tissue")
        numbers = [row.number("day"), row.number("before", 0), row.number("after", 0)]
        for column, number in zip(("day", "before", "after"), numbers, strict=True):
            if number is None:
                raise row.error(f"column '{column}' is empty.")
        day, before, after = (float(number) for number in numbers if number is not None)
        tests = tuple(test for part in row.text("tests").split(";") if (test := part.strip()))
        visit = Visit(name, day, before, after, tissue_of(row, tissue) if tissue else None, tests)
        same = [line for known, line in zip(visits, lines, strict=True) if _is_same(known, visit)]
        if same:
            raise row.error(
                f"plans visit '{name}' again (first on line {same[0]}).", advice="One row per visit and tissue."
            )
        visits.append(visit)
        lines.append(row.line)
    if not visits:
        raise FormatError("plans no visit.", path=path)
    return Schedule(path, tuple(visits), tuple(lines))


def _is_same(one: Visit, other: Visit) -> bool:
    return one.name == other.name and (one.tissue is other.tissue or None in {one.tissue, other.tissue})
