"""Files of flag rules: YAML, validated with line numbers; a laboratory's own file may extend one and change its thresholds."""

from __future__ import annotations

import difflib
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from moltrack.errors import RuleError, UnknownError
from moltrack.model import MarkerKind, Technique, Truth
from moltrack.rules.conditions import Condition, atoms_of, check
from moltrack.rules.flags import on_marker, on_observation, on_patient, on_sample
from moltrack.rules.flags.registry import PREDICATES, FlagPredicate, Found, Names
from moltrack.rules.flags.subjects import SCOPES, Patient, Subject
from moltrack.rules.ruleset import Places, _validated, changed_thresholds, read_yaml, rule_folder

#: Modules that register predicates.
_REGISTERED = (on_patient, on_sample, on_marker, on_observation)


@dataclass(frozen=True)
class FlagRule:
    """One rule: the flag it makes, what it is tried on, its condition, and the words it says.

    ``unknown`` is said when the condition is UNKNOWN ("" = nothing is said). ``answer`` UNKNOWN marks a rule that finds something missing.
    ``values`` holds what each predicate of the condition is asked with. ``overridden`` names the thresholds among them that a laboratory
    changed.
    """

    id: str
    flag: str
    title: str
    scope: str
    when: Condition
    text: str
    severity: str = "info"
    unknown: str = ""
    unknown_severity: str = "info"
    answer: Truth = Truth.YES
    missing: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    hidden: bool = False
    citation: str = ""
    basis: str = "stated"
    note: str = ""
    names: Mapping[str, Names] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, float | Names]] = field(default_factory=dict)
    overridden: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The paper, or why there is a convention without one."""
        return "; ".join(
            filter(None, [self.citation, f"convention: {self.note}" if self.basis == "convention" else ""])
        )

    @property
    def predicates(self) -> tuple[FlagPredicate, ...]:
        return tuple(PREDICATES[name] for name in self.values)

    def ask(self, name: str, subject: Subject) -> Found:
        """The answer of one of its predicates."""
        found = PREDICATES[name]
        on = subject if isinstance(subject, Patient) or found.subject is not Patient else subject.patient
        return found.ask(on, **self.values[name])


@dataclass(frozen=True)
class FlagRules:
    """A file of flag rules. ``overridden`` says which thresholds a laboratory changed, and from what; ``files`` are the laboratory's."""

    id: str
    version: str
    title: str
    citation: str
    thresholds: Mapping[str, float]
    lists: Mapping[str, Names]
    rules: tuple[FlagRule, ...]
    note: str = ""
    overridden: tuple[str, ...] = ()
    kind: str = "flags"
    development: bool = False
    files: tuple[tuple[str, str], ...] = ()


def load_flags(name_or_path: str | Path = "flags") -> FlagRules:
    """The flag rules of the references, or those of a file.

    Raises
    ------
    UnknownError
        Neither a name nor a file.
    RuleError
        The file says what such a file may not say; file and line are named.
    """
    if name_or_path == "flags":
        return _packaged()
    path = Path(name_or_path)
    if not path.is_file():
        raise UnknownError(f"'{name_or_path}' is neither the rules 'flags' nor a file.")
    return read_flags(path)


@cache
def _packaged() -> FlagRules:
    return replace(read_flags(rule_folder() / "flags.yaml"), files=())


def read_flags(path: Path, *, extended_by: tuple[Path, ...] = ()) -> FlagRules:
    """A file of flag rules, checked.

    Parameters
    ----------
    extended_by
        Files that lead here.

    Raises
    ------
    RuleError
        The first thing that is wrong, with its line.
    """
    from moltrack.rules.flags.schema import FlagFile
    from moltrack.rules.schema import ExtensionFile

    data, place = read_yaml(path)
    if "extends" in data:
        return _extended(_validated(ExtensionFile, data, place), place, (*extended_by, path.resolve()))
    file = _validated(FlagFile, data, place)
    lists = {name: frozenset(map(str, items)) for name, items in file.lists.items()}
    for name, items in lists.items():
        _check_names(name, items, ("lists", name), place)
    rules: list[FlagRule] = []
    for index, model in enumerate(file.rules):
        rule = _rule(model, ("rules", index), place)
        _check_rule(rule, rules, set(file.thresholds), lists, ("rules", index), place)
        rules.append(rule)
    read = {name for rule in rules for atom in atoms_of(rule.when, {}) for name in PREDICATES[atom].numbers}
    for name in file.thresholds:
        if name not in read:
            place.fail(f"no rule reads the threshold '{name}'.", ("thresholds", name))
    flags = FlagRules(
        file.id,
        file.version,
        file.title,
        file.citation,
        dict(file.thresholds),
        lists,
        tuple(rules),
        file.note,
        files=place.files,
    )
    return _bound(flags, {})


def _rule(model: Any, where: tuple[object, ...], place: Places) -> FlagRule:
    if model.basis == "convention" and not model.note:
        place.fail(f"rule '{model.id}' is a convention: a 'note' has to give its reason.", where)
    if model.basis != "convention" and not model.citation:
        place.fail(
            f"rule '{model.id}' names no 'citation'; where no paper states it, 'basis: convention' and a 'note' say so.",
            where,
        )
    return FlagRule(
        id=model.id,
        flag=model.flag or model.id,
        title=model.title,
        scope=model.scope,
        when=model.when,
        text=model.text,
        severity=model.severity,
        unknown=model.unknown.text if model.unknown else "",
        unknown_severity=model.unknown.severity if model.unknown else "info",
        answer=Truth(model.answer),
        missing=tuple(model.missing),
        yields_to=tuple(model.yields_to),
        hidden=model.hidden,
        citation=model.citation,
        basis=model.basis,
        note=model.note,
        names={name: frozenset(map(str, items)) for name, items in model.with_.items()},
    )


def _check_rule(
    rule: FlagRule,
    earlier: list[FlagRule],
    thresholds: set[str],
    lists: Mapping[str, Names],
    where: tuple[object, ...],
    place: Places,
) -> None:
    others = {other.id: other for other in earlier}
    if rule.id in others:
        place.fail(f"two rules are called '{rule.id}'.", (*where, "id"))
    for name in rule.yields_to:
        if name not in others or others[name].scope != rule.scope:
            place.fail(
                f"rule '{rule.id}' yields to '{name}', which is no earlier rule of its scope.", (*where, "yields_to")
            )
    if rule.answer is Truth.UNKNOWN and not rule.missing:
        place.fail(
            f"rule '{rule.id}' answers UNKNOWN, but 'missing' does not say what would decide.", (*where, "answer")
        )
    try:
        check(rule.when, ())
    except RuleError as error:
        place.fail(error.message, (*where, "when"))
    asked = [_predicate(name, rule, (*where, "when"), place) for name in atoms_of(rule.when, {})]
    for found in asked:
        for name in found.numbers:
            if name not in thresholds:
                place.fail(f"'{found.name}' reads the threshold '{name}', which is not given.", (*where, "when"))
        for name in found.lists:
            if name not in rule.names and name not in lists:
                place.fail(f"'{found.name}' reads '{name}', which neither 'with' nor 'lists' give.", (*where, "when"))
    for name, items in rule.names.items():
        if name not in {read for found in asked for read in found.lists}:
            place.fail(f"no predicate of rule '{rule.id}' reads '{name}'.", (*where, "with", name))
        _check_names(name, items, (*where, "with", name), place)
    known = {"citation", *SCOPES[rule.scope][1], *(word for found in asked for word in found.gives)}
    for part, text in [("text", rule.text), ("unknown", rule.unknown), *(("missing", item) for item in rule.missing)]:
        for problem in _strange_fields(text, known):
            place.fail(f"{problem} ({', '.join(sorted(known))}).", (*where, part))


def _predicate(name: str, rule: FlagRule, where: tuple[object, ...], place: Places) -> FlagPredicate:
    found = PREDICATES.get(name)
    if found is None:
        near = difflib.get_close_matches(name, PREDICATES, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(PREDICATES))}."
        place.fail(f"'{name}' is not a predicate of flags: {hint}", where)
    if not found.fits(rule.scope):
        place.fail(f"'{name}' is asked of a {found.scope}, but rule '{rule.id}' is tried on each {rule.scope}.", where)
    return found


def _strange_fields(text: str, known: set[str]) -> Iterator[str]:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        yield f"'{text}' is no template: {error}; known words are"
        return
    for _, name, form, conversion in parts:
        if name is not None and (form or conversion or name not in known):
            yield f"'{{{name}}}' is no word of this rule; it has"


def _check_names(name: str, items: Names, where: tuple[object, ...], place: Places) -> None:
    """Refuse a name that would never be met: a kind, technique, gene or class of drugs that does not exist."""
    from moltrack import resources

    classes = {drug.drug_class for drug in resources.drugs()}
    vocabularies = {"kinds": set(map(str, MarkerKind)), "techniques": set(map(str, Technique))}
    for item in sorted(items):
        if name in vocabularies and item not in vocabularies[name]:
            place.fail(f"'{item}' is not one of {', '.join(sorted(vocabularies[name]))}.", where)
        if name == "genes" and resources.gene_symbol(item) != item:
            place.fail(f"'{item}' is not a current gene symbol.", where)
        if name == "drugs" and item.partition(": ")[0] not in classes:
            place.fail(f"'{item}' is not a class of drugs ({', '.join(sorted(classes))}).", where)


def _bound(flags: FlagRules, changed: Mapping[str, str]) -> FlagRules:
    """The rules with the values that their predicates are asked with; ``changed`` says of thresholds what a laboratory did."""

    def bound(rule: FlagRule) -> FlagRule:
        names = {**flags.lists, **rule.names}
        asked = [PREDICATES[atom] for atom in dict.fromkeys(atoms_of(rule.when, {}))]
        read = dict.fromkeys(name for found in asked for name in found.numbers)
        values: dict[str, dict[str, float | Names]] = {
            found.name: {name: flags.thresholds[name] for name in found.numbers}
            | {name: names[name] for name in found.lists}
            for found in asked
        }
        return replace(
            rule,
            values=values,
            overridden=(*rule.overridden, *(note for name, note in changed.items() if name in read)),
        )

    return replace(flags, rules=tuple(map(bound, flags.rules)))


def _extended(file: Any, place: Places, chain: tuple[Path, ...]) -> FlagRules:
    """Other flag rules with their thresholds changed; nothing else can be changed this way."""
    if file.extends == "flags":
        base = _packaged()
    else:
        path = place.path.parent / file.extends
        if path.resolve() in chain:
            place.fail(f"'{file.extends}' extends itself.", ("extends",))
        if not path.is_file():
            place.fail(f"'{file.extends}' is neither the rules 'flags' nor a file beside this one.", ("extends",))
        base = read_flags(path, extended_by=chain)
    notes = changed_thresholds(base.id, base.thresholds, file.thresholds, place)
    changed = replace(
        base,
        id=file.id or base.id,
        title=file.title or f"{base.title} (laboratory's thresholds)",
        version=f"{base.version}+{file.version or place.path.stem}",
        thresholds={**base.thresholds, **file.thresholds},
        overridden=(*base.overridden, *notes.values()),
        files=(*base.files, *place.files),
    )
    return _bound(changed, notes)
