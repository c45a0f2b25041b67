"""Rule files: YAML, validated with line numbers; a laboratory's own file may extend one and override its thresholds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NoReturn

from moltrack.errors import RuleError, UnknownError
from moltrack.rules.conditions import Condition, atoms_of, check
from moltrack.rules.engine import Row, Table
from moltrack.rules.predicates import Level, is_predicate


@dataclass(frozen=True, slots=True)
class FlagRule:
    """A remark beside the category, when its condition holds."""

    id: str
    when: Condition
    text: str
    severity: str = "info"
    citation: str = ""


@dataclass(frozen=True, slots=True)
class CourseRule:
    """How levels of a target over time are read for relapse; thresholds by name, "" = detected or not. Empty tuples mean all."""

    targets: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    tissues: tuple[str, ...] = ()
    negative_below: str = ""
    positive_from: str = ""
    rise_below: str = ""


@dataclass(frozen=True)
class RuleSet:
    """A guideline as data.

    ``levels`` are predicates made from a number and a threshold; ``stays_open`` names inputs that say more of another one: they are not
    taken as absent where that one is present. ``reported`` names predicates that a conclusion without its finding may answer. ``overridden`` says which thresholds a laboratory changed, and from what. ``extends`` is the id of the guideline whose thresholds were changed; ``files`` are those of a laboratory, as name and SHA-256 (none: of the references); ``file`` is what was read.
    """

    id: str
    version: str
    title: str
    citation: str
    scope: str
    categories: Mapping[str, str]
    table: Table
    kind: str = "risk"
    thresholds: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)
    stays_open: Mapping[str, str] = field(default_factory=dict)
    reported: tuple[str, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    courses: tuple[CourseRule, ...] = ()
    not_applicable: tuple[tuple[Condition, str], ...] = ()
    flags: tuple[FlagRule, ...] = ()
    note: str = ""
    development: bool = False
    overridden: tuple[str, ...] = ()
    extends: str = ""
    files: tuple[tuple[str, str], ...] = ()
    file: Any = field(default=None, repr=False, compare=False)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Every predicate that a row, a flag or the scope reads."""
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


@cache
def rulesets(kind: str = "risk") -> tuple[str, ...]:
    """Names of the guidelines of a kind in the references, without the kind in front (``response_eln2022`` is ``eln2022``)."""
    stems = (path.stem for path in rule_folder().glob("*.yaml") if kind_of(path) == kind)
    return tuple(sorted(stem.removeprefix(f"{kind}_") for stem in stems))


def kind_of(path: Path, *, extended_by: tuple[Path, ...] = ()) -> str:
    """What a rule file is about, by its field ``kind`` or that of the file it extends: risk, response, mrd or flags."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise RuleError(f"cannot be read ({error.strerror}).", path=path) from None
    base = re.search(r"^extends:\s*['\"]?([^\s'\"#]+)", text, re.MULTILINE)
    if base:
        chain = (*extended_by, path.resolve())
        for file in (rule_folder() / f"{base[1]}.yaml", path.parent / base[1]):
            if file.is_file() and file.resolve() not in chain:
                return kind_of(file, extended_by=chain)
        return "risk"
    kind = re.search(r"^kind:\s*['\"]?(\w+)", text, re.MULTILINE)
    return kind[1] if kind else "risk"


def load_ruleset(name_or_path: str | Path, kind: str = "risk") -> RuleSet:
    """A rule set of the references by its name, or a file, about ``kind``.

    Raises
    ------
    UnknownError
        Neither a name nor a file.
    RuleError
        The file says what a rule file may not say; file and line are named.
    """
    name = str(name_or_path).removeprefix(f"{kind}_")
    if isinstance(name_or_path, str) and name in rulesets(kind):
        return _packaged(name, kind)
    path = Path(name_or_path)
    if not path.is_file():
        what = "a rule set" if kind == "risk" else f"a guideline for {kind}"
        raise UnknownError(f"'{name_or_path}' is neither {what} ({', '.join(rulesets(kind))}) nor a file.")
    return read_ruleset(path, kind)


@cache
def _packaged(name: str, kind: str) -> RuleSet:
    path = rule_folder() / (f"{name}.yaml" if kind == "risk" else f"{kind}_{name}.yaml")
    return replace(read_ruleset(path, kind), files=())


def read_ruleset(path: Path, kind: str = "risk", *, extended_by: tuple[Path, ...] = ()) -> RuleSet:
    """A rule file about ``kind``, checked.

    Parameters
    ----------
    extended_by
        Files that lead here.

    Raises
    ------
    RuleError
        The first thing that is wrong, with its line.
    """
    from moltrack.rules.schema import ExtensionFile, RuleFile

    data, place = read_yaml(path)
    if "extends" in data:
        return _extended(_validated(ExtensionFile, data, place), place, kind, (*extended_by, path.resolve()))
    file = _validated(RuleFile, data, place)
    if file.kind != kind:
        place.fail(f"is of kind '{file.kind}', expected '{kind}'.", ("kind",))
    ids = [row.id for row in file.rows]
    where: tuple[object, ...]
    for index, row in enumerate(file.rows):
        where = ("rows", index)
        if row.category not in file.categories:
            place.fail(
                f"row '{row.id}' has the category '{row.category}', which is none of the file's.", (*where, "category")
            )
        if ids.index(row.id) != index:
            place.fail(f"two rows are called '{row.id}'.", (*where, "id"))
        for other in (*row.yields_to, *row.yields_derived):
            if other not in ids:
                place.fail(f"row '{row.id}' yields to '{other}', which does not exist.", where)
    for name in file.order:
        if name not in ids:
            place.fail(f"'order' names the row '{name}', which does not exist.", ("order",))
    for name, level in file.levels.items():
        if level.threshold not in file.thresholds:
            place.fail(f"level '{name}' names the threshold '{level.threshold}', which is not given.", ("levels", name))
    for words, where in _words_of(file):
        for name in re.findall(_NAMED, words):
            if name[0] not in file.thresholds:
                place.fail(f"'{{{name[0]}}}' is no threshold of this file.", where)
    for index, course in enumerate(file.courses):
        for named in (course.negative_below, course.positive_from, course.rise_below):
            if named and named not in file.thresholds:
                place.fail(f"a course names the threshold '{named}', which is not given.", ("courses", index))
    for index, name in enumerate(file.reported):
        if not is_predicate(name):
            place.fail(f"'{name}' is not a predicate.", ("reported", index))
    for where, condition in _conditions(file):
        _check_condition(condition, where, ids, file.levels, place)
    return replace(_built(file, file.thresholds), files=place.files)


#: A threshold in a title, question or text: ``{blasts}``, or ``{blasts%}`` as percent.
_NAMED = re.compile(r"\{(\w+)(%?)\}")


def _words_of(file: Any) -> Iterator[tuple[str, tuple[object, ...]]]:
    for index, row in enumerate(file.rows):
        yield f"{row.title} {row.note}", ("rows", index)
    for name, level in file.levels.items():
        yield level.question, ("levels", name)
    for index, flag in enumerate(file.flags):
        yield flag.text, ("flags", index)


def _built(file: Any, thresholds: Mapping[str, float]) -> RuleSet:
    """The rule set of a file that was checked, with its own thresholds or a laboratory's."""

    def words(text: str) -> str:
        return _NAMED.sub(
            lambda named: f"{thresholds[named[1]] * 100:.3g} %" if named[2] else f"{thresholds[named[1]]:g}", text
        )

    levels = {
        name: Level(
            name, level.number, level.threshold, bool(level.above), level.of, words(level.question), level.missing
        )
        for name, level in file.levels.items()
    }
    rows = tuple(
        Row(
            row.id,
            row.category,
            row.when,
            title=words(row.title) or row.id,
            citation=row.citation or file.citation,
            basis=row.basis,
            yields_to=(*row.yields_to, *row.yields_derived),
            residual=row.residual,
            note=words(row.note),
            yields_derived=tuple(row.yields_derived),
            missing=row.missing,
        )
        for row in file.rows
    )
    constraints = (*file.constraints, *_level_constraints(levels, thresholds))
    return RuleSet(
        id=file.id,
        version=file.version,
        title=file.title,
        citation=file.citation,
        scope=file.scope,
        categories=dict(file.categories),
        table=Table(rows, tuple(file.order), tuple(file.categories), constraints),
        kind=file.kind,
        thresholds=dict(thresholds),
        levels=levels,
        stays_open=dict(file.stays_open),
        reported=tuple(file.reported),
        lists={name: tuple(items) for name, items in file.lists.items()},
        courses=tuple(
            CourseRule(
                tuple(course.targets),
                tuple(course.methods),
                tuple(course.tissues),
                course.negative_below,
                course.positive_from,
                course.rise_below,
            )
            for course in file.courses
        ),
        not_applicable=tuple((item.when, item.reason) for item in file.not_applicable),
        flags=tuple(
            FlagRule(flag.id, flag.when, words(flag.text), flag.severity, flag.citation) for flag in file.flags
        ),
        note=file.note,
        development=file.development,
        file=file,
    )


def _level_constraints(levels: Mapping[str, Level], thresholds: Mapping[str, float]) -> Iterator[Condition]:
    """What levels imply: the lesion they are of, and every lower level of the same number."""
    for name, level in levels.items():
        if level.of:
            yield {"any": [{"not": name}, level.of]}
        for other in levels.values():
            if other.number != level.number or other.name == name:
                continue
            own, lower = thresholds[level.threshold], thresholds[other.threshold]
            if own > lower or (own == lower and level.above and not other.above):
                yield {"any": [{"not": name}, other.name]}


def _conditions(file: Any) -> Iterator[tuple[tuple[object, ...], Condition]]:
    for index, row in enumerate(file.rows):
        yield ("rows", index, "when"), row.when
    for index, flag in enumerate(file.flags):
        yield ("flags", index, "when"), flag.when
    for index, item in enumerate(file.not_applicable):
        yield ("not_applicable", index, "when"), item.when
    for index, condition in enumerate(file.constraints):
        yield ("constraints", index), condition


def _check_condition(
    condition: Condition, where: tuple[object, ...], rows: list[str], levels: Mapping[str, Any], place: Places
) -> None:
    try:
        check(condition, rows)
    except RuleError as error:
        place.fail(error.message, where)
    for name in atoms_of(condition, dict.fromkeys(rows, "")):
        if name and name not in levels and not is_predicate(name):
            place.fail(
                f"'{name}' is not a predicate: a lesion, a gene symbol, a level of this file, or one of "
                "'moltrack rules show --columns'.",
                where,
            )


def _extended(file: Any, place: Places, kind: str, chain: tuple[Path, ...]) -> RuleSet:
    """Another rule set with its thresholds changed; nothing else can be changed this way."""
    name, beside = file.extends.removeprefix(f"{kind}_"), place.path.parent / file.extends
    if name in rulesets(kind):
        base = _packaged(name, kind)
    elif beside.resolve() in chain:
        place.fail(f"'{file.extends}' extends itself.", ("extends",))
    elif beside.is_file():
        base = read_ruleset(beside, kind, extended_by=chain)
    else:
        what = "a rule set" if kind == "risk" else f"a guideline for {kind}"
        known = ", ".join(rulesets(kind))
        place.fail(f"'{file.extends}' is neither {what} ({known}) nor a file beside this one.", ("extends",))
    notes = changed_thresholds(base.id, base.thresholds, file.thresholds, place)
    return replace(
        _built(base.file, {**base.thresholds, **file.thresholds}),
        id=file.id or base.id,
        title=file.title or f"{base.title} (laboratory's thresholds)",
        version=f"{base.version}+{file.version or place.path.stem}",
        overridden=(*base.overridden, *notes.values()),
        extends=base.extends or base.id,
        files=(*base.files, *place.files),
    )


def changed_thresholds(
    base: str, known: Mapping[str, float], given: Mapping[str, float], place: Places
) -> dict[str, str]:
    """Threshold -> how a laboratory's file changes it, for those that differ; one that ``base`` does not have is refused."""
    for name in given:
        if name not in known:
            place.fail(f"{base} has no threshold '{name}' ({', '.join(known) or 'none'}).", ("thresholds", name))
    return {
        name: f"{name} is {value:g} instead of {known[name]:g}" for name, value in given.items() if value != known[name]
    }


# --- YAML with line numbers -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """A file, and where in it each value stands."""

    path: Path
    sha256: str
    lines: Mapping[tuple[object, ...], int]

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The file by its name and digest, as a rule set names what it is from."""
        return ((self.path.name, self.sha256),)

    def fail(self, message: str, place: tuple[object, ...]) -> NoReturn:
        """Raise a :class:`RuleError` that names the line of a place in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        raise RuleError(message, path=self.path, line=self.lines.get(place, 1))


def _validated(model: Any, data: Mapping[str, Any], place: Places) -> Any:
    from pydantic import ValidationError

    try:
        return model.model_validate(data)
    except ValidationError as error:
        # A misspelt field is also a missing one: the spelling is what helps.
        first = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
        where = tuple(first["loc"])
        name = ".".join(str(part) for part in where)
        if first["type"] == "extra_forbidden":
            parent = ".".join(str(part) for part in where[:-1])
            message = f"'{where[-1]}' is not a field of {parent or 'a rule file'}."
        elif first["type"] == "missing":
            message = f"the field '{name}' is missing."
        else:
            message = f"{name}: {first['msg'].removeprefix('Value error, ')}."
        place.fail(message, where)


def read_yaml(path: Path) -> tuple[dict[str, Any], Places]:
    """A YAML mapping with the line of each of its values.

    Raises
    ------
    RuleError
        Not readable, not YAML, or not a mapping; a key given twice.
    """
    import yaml

    # The loader of libyaml, where PyYAML has it, is ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
        node = yaml.compose(text, Loader=loader)
        data = loader("").construct_document(node) if node is not None else None
        lines = _lines(node, path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise RuleError(f"is not YAML: {error.problem}.", path=path, line=line) from None
    except yaml.YAMLError as error:
        raise RuleError(f"is not YAML: {error}.", path=path) from None
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or a date that no calendar has
        raise RuleError(f"cannot be read ({error}).", path=path) from None
    except RecursionError:  # before its levels could be counted
        raise RuleError("is nested too deeply.", path=path) from None
    if not isinstance(data, dict):
        raise RuleError("is not a rule file: it holds no fields.", path=path, line=1)
    return data, Places(path, hashlib.sha256(content).hexdigest(), lines)


#: Levels of a rule file; conditions are read level by level.
DEEPEST = 100


def _lines(node: Any, path: Path) -> dict[tuple[object, ...], int]:
    """The line of each value by its place: keys and numbers from the outside in."""
    import yaml

    lines: dict[tuple[object, ...], int] = {}

    def walk(item: Any, place: tuple[object, ...]) -> None:
        lines[place] = item.start_mark.line + 1
        if len(place) > DEEPEST:
            raise RuleError("is nested too deeply.", path=path, line=lines[place])
        if isinstance(item, yaml.MappingNode):
            for key, value in item.value:
                own = (*place, key.value)
                if own in lines:
                    raise RuleError(f"'{key.value}' is given twice.", path=path, line=key.start_mark.line + 1)
                lines[own] = key.start_mark.line + 1
                walk(value, own)
                lines[own] = key.start_mark.line + 1
        elif isinstance(item, yaml.SequenceNode):
            for index, value in enumerate(item.value):
                walk(value, (*place, index))

    if node is not None:
        walk(node, ())
    return lines
