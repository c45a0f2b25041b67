"""Rule files: YAML, validated with line numbers; a laboratory's own file may extend one and override its thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from moltrack.errors import RuleError, UnknownError
from moltrack.rules.conditions import Condition, atoms_of, check
from moltrack.rules.engine import Row, Table

FIELDS = {
    "id", "kind", "version", "title", "citation", "scope", "categories", "thresholds", "not_applicable", "constraints", "rows", "order",
    "flags", "note", "extends", "development",
}  # fmt: skip
ROW_FIELDS = {"id", "category", "title", "when", "citation", "basis", "yields_to", "residual", "note"}


@dataclass(frozen=True, slots=True)
class FlagRule:
    """A remark beside the category, when its condition holds."""

    id: str
    when: Condition
    text: str


@dataclass(frozen=True)
class RuleSet:
    """A guideline as data. ``overridden`` says which thresholds a laboratory changed, and from what."""

    id: str
    version: str
    title: str
    citation: str
    scope: str
    categories: Mapping[str, str]
    table: Table
    thresholds: Mapping[str, float] = field(default_factory=dict)
    not_applicable: tuple[tuple[Condition, str], ...] = ()
    flags: tuple[FlagRule, ...] = ()
    overridden: tuple[str, ...] = ()
    source: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Every input that a row, a flag or the scope reads."""
        names: dict[str, None] = dict.fromkeys(self.table.atoms)
        for condition in [flag.when for flag in self.flags] + [when for when, _ in self.not_applicable]:
            names.update(dict.fromkeys(atoms_of(condition, self.table.conditions)))
        return tuple(names)


def rule_folder() -> Path:
    from moltrack import resources

    return resources.references_dir() / "rules"


def risk_rulesets() -> tuple[str, ...]:
    """Names of the risk guidelines, oldest first."""
    return ("eln2017", "eln2022", "eln2024li")


def rulesets() -> tuple[str, ...]:
    """Names of all rule files of the references."""
    return tuple(sorted(path.stem for path in rule_folder().glob("*.yaml")))


def load_ruleset(name_or_path: str | Path) -> RuleSet:
    """A rule set of the references by its name, or a file.

    Raises
    ------
    UnknownError
        Neither a name nor a file.
    RuleError
        The file says what a rule file may not say; file and line are named.
    """
    if isinstance(name_or_path, str) and name_or_path in rulesets():
        return _packaged(name_or_path)
    path = Path(name_or_path)
    if not path.is_file():
        raise UnknownError(f"'{name_or_path}' is neither a rule set ({', '.join(rulesets())}) nor a file.")
    return read_ruleset(path)


@cache
def _packaged(name: str) -> RuleSet:
    return read_ruleset(rule_folder() / f"{name}.yaml")


def read_ruleset(path: Path) -> RuleSet:
    """A rule file, checked."""
    data, lines = _read_yaml(path)
    problem = _Problems(path, lines)
    if "extends" in data:
        return _extended(path, data, problem)
    for key in ("id", "version", "title", "categories", "rows"):
        if key not in data:
            raise problem(f"the field '{key}' is missing.", ())
    unknown = sorted(set(data) - FIELDS)
    if unknown:
        raise problem(f"'{unknown[0]}' is not a field of a rule file ({', '.join(sorted(FIELDS))}).", (unknown[0],))
    rows = _rows(data, problem)
    ids = [row.id for row in rows]
    for name in data.get("order", []):
        if name not in ids:
            raise problem(f"'order' names the row '{name}', which does not exist.", ("order",))
    return RuleSet(
        id=str(data["id"]),
        version=str(data["version"]),
        title=str(data["title"]),
        citation=str(data.get("citation", "")),
        scope=str(data.get("scope", "")),
        categories=dict(data["categories"]),
        table=Table(rows, tuple(data.get("order", ids)), tuple(data["categories"]), tuple(data.get("constraints", []))),
        thresholds=_thresholds(data.get("thresholds", {}), problem),
        not_applicable=tuple((item["when"], str(item["reason"])) for item in data.get("not_applicable", [])),
        flags=tuple(FlagRule(str(item["id"]), item["when"], str(item["text"])) for item in data.get("flags", [])),
        source=path.name,
    )


def _rows(data: Mapping[str, Any], problem: _Problems) -> tuple[Row, ...]:
    made: list[Row] = []
    ids = [str(item.get("id")) for item in data["rows"] if isinstance(item, dict)]
    for index, item in enumerate(data["rows"]):
        where = ("rows", index)
        if not isinstance(item, dict) or not {"id", "category", "when"} <= set(item):
            raise problem("a row needs id, category and when.", where)
        unknown = sorted(set(item) - ROW_FIELDS)
        if unknown:
            raise problem(f"'{unknown[0]}' is not a field of a row.", (*where, unknown[0]))
        if item["category"] not in data["categories"]:
            raise problem(
                f"row '{item['id']}' has the category '{item['category']}', which is none of the file's.",
                (*where, "category"),
            )
        if ids.count(item["id"]) > 1:
            raise problem(f"two rows are called '{item['id']}'.", (*where, "id"))
        for other in item.get("yields_to", []):
            if other not in ids:
                raise problem(f"row '{item['id']}' yields to '{other}', which does not exist.", (*where, "yields_to"))
        try:
            check(item["when"], ids)
        except RuleError as error:
            raise problem(f"row '{item['id']}': {error.message}", (*where, "when")) from None
        made.append(
            Row(
                str(item["id"]),
                str(item["category"]),
                item["when"],
                title=str(item.get("title", item["id"])),
                citation=str(item.get("citation", data.get("citation", ""))),
                basis=str(item.get("basis", "stated")),
                yields_to=tuple(item.get("yields_to", [])),
                residual=bool(item.get("residual", False)),
                note=str(item.get("note", "")),
            )
        )
    return tuple(made)


def _thresholds(data: Any, problem: _Problems) -> dict[str, float]:
    if not isinstance(data, dict) or not all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in data.values()
    ):
        raise problem("thresholds are names with numbers.", ("thresholds",))
    return {str(name): float(value) for name, value in data.items()}


def _extended(path: Path, data: Mapping[str, Any], problem: _Problems) -> RuleSet:
    """Another rule set with its thresholds changed; nothing else can be changed this way."""
    from dataclasses import replace

    unknown = sorted(set(data) - {"extends", "id", "title", "version", "thresholds", "note"})
    if unknown:
        raise problem(f"a file that extends another can change its thresholds only, not '{unknown[0]}'.", (unknown[0],))
    try:
        base = load_ruleset(str(data["extends"]))
    except UnknownError as error:
        raise problem(error.message, ("extends",)) from None
    changed = _thresholds(data.get("thresholds", {}), problem)
    for name in changed:
        if name not in base.thresholds:
            raise problem(
                f"{base.id} has no threshold '{name}' ({', '.join(base.thresholds) or 'none'}).", ("thresholds", name)
            )
    notes = tuple(
        f"{name} is {value:g} instead of {base.thresholds[name]:g}"
        for name, value in changed.items()
        if value != base.thresholds[name]
    )
    return replace(
        base,
        id=str(data.get("id", base.id)),
        title=str(data.get("title", f"{base.title} (laboratory's thresholds)")),
        version=f"{base.version}+{data.get('version', path.stem)}",
        thresholds={**base.thresholds, **changed},
        overridden=notes,
        source=path.name,
    )


# --- YAML with line numbers -------------------------------------------------------------------------------------------


class _Problems:
    """Makes a :class:`RuleError` that names the line of a place in the file."""

    def __init__(self, path: Path, lines: Mapping[tuple[object, ...], int]) -> None:
        self.path = path
        self.lines = lines

    def __call__(self, message: str, place: tuple[object, ...]) -> RuleError:
        while place and place not in self.lines:
            place = place[:-1]
        return RuleError(message, path=self.path, line=self.lines.get(place, 1))


def _read_yaml(path: Path) -> tuple[dict[str, Any], dict[tuple[object, ...], int]]:
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise RuleError(f"is not YAML: {error.problem}.", path=path, line=line) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"cannot be read ({error}).", path=path) from None
    if not isinstance(data, dict):
        raise RuleError("is not a rule file: it holds no fields.", path=path, line=1)
    lines: dict[tuple[object, ...], int] = {}

    def walk(item: Any, place: tuple[object, ...]) -> None:
        lines[place] = item.start_mark.line + 1
        if isinstance(item, yaml.MappingNode):
            for key, value in item.value:
                lines[(*place, key.value)] = key.start_mark.line + 1
                walk(value, (*place, key.value))
        elif isinstance(item, yaml.SequenceNode):
            for index, value in enumerate(item.value):
                walk(value, (*place, index))

    walk(node, ())
    return data, lines
