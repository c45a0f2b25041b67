"""A schedule of visits, read from its table or from YAML.

::

    visits:
      - {visit: C2, day: 56, before: 7, after: 7, tissue: BM, tests: [NPM1, flow]}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from moltrack.analysis.trial import Visit
from moltrack.errors import FormatError

if TYPE_CHECKING:
    from moltrack.formats.tables import Row


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
    """Read a schedule (CSV, TSV, XLSX; see ``moltrack formats --template schedule``; or YAML with the same fields).

    Raises
    ------
    FormatError
        A column or a cell is missing or cannot be; a visit stands there twice for one tissue, or holds no row.
    """
    from moltrack.formats.clinical.described import tissue_of

    visits: list[Visit] = []
    lines: list[int] = []
    for row in _rows(path):
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
        raise FormatError("plans no visit.", path=path, advice="Add a row; lines that begin with # are comments.")
    return Schedule(path, tuple(visits), tuple(lines))


def _rows(path: Path) -> Iterable[Row]:
    from moltrack.formats.clinical import own
    from moltrack.formats.clinical.schedule import TABLE
    from moltrack.formats.registry import ReadOptions

    if path.suffix.lower() in {".yaml", ".yml"}:
        return _yaml_rows(path, [column.name for column in TABLE.columns])
    return own.read_own(path, ReadOptions(), TABLE).rows


def _yaml_rows(path: Path, fields: list[str]) -> Iterator[Row]:
    """The entries of ``visits:`` as rows of the table; values are read as they are written, a list is joined by ``;``."""
    import yaml

    from moltrack.formats.files import read_text
    from moltrack.formats.tables import Row

    try:
        node = yaml.compose(read_text(path), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FormatError(f"is not YAML ({error.problem}).", path=path, line=line) from None
    except (yaml.YAMLError, RecursionError):
        raise FormatError("is not YAML that can be read.", path=path) from None
    entries = {str(key.value): value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
    visits = entries.get("visits")
    if set(entries) != {"visits"} or not isinstance(visits, yaml.SequenceNode):
        raise FormatError("is not a schedule: it needs one list 'visits'.", path=path, line=1)
    for entry in visits.value:
        line = entry.start_mark.line + 1
        if not isinstance(entry, yaml.MappingNode):
            raise FormatError("holds something else where a visit with its fields is expected.", path=path, line=line)
        cells: dict[str, str] = {}
        for key, value in entry.value:
            parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
            if key.value not in fields:
                problem = f"has the field '{key.value}', which no visit has"
            elif key.value in cells:
                problem = f"has the field '{key.value}' twice in one visit"
            elif not all(isinstance(part, yaml.ScalarNode) for part in parts):
                problem = f"holds fields within the field '{key.value}'"
            else:
                cells[key.value] = ";".join(part.value for part in parts)
                continue
            where = key.start_mark.line + 1
            raise FormatError(f"{problem}.", path=path, line=where, advice=f"The fields are {', '.join(fields)}.")
        yield Row(path, line, cells)


def _is_same(one: Visit, other: Visit) -> bool:
    return one.name == other.name and (one.tissue is other.tissue or None in {one.tissue, other.tissue})
