"""``moltrack rules``: what the guidelines say, as the tool reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moltrack.cli.common import FORMAT_OPTION, INPUT_PATH, show
from moltrack.errors import InputError

if TYPE_CHECKING:
    from moltrack.rules import FlagRules, RuleSet


@click.group()
def command() -> None:
    """List, show, check or compare guideline rules.

    \b
    moltrack rules list
    moltrack rules show eln2022
    moltrack rules check our_thresholds.yaml
    """


@command.command("list")
@FORMAT_OPTION
def list_(form: str) -> None:
    """The rule files that come with moltrack.

    \b
    moltrack rules list --format csv
    """
    from moltrack import rules

    rows = [
        {
            "name": name,
            "kind": found.kind + (" (development version)" if found.development else ""),
            "version": found.version,
            "title": found.title,
            "citation": found.citation,
        }
        for name in rules.rule_files()
        if (found := rules.load_rules(name))
    ]
    show(rows, ["name", "kind", "version", "title", "citation"], form, empty="There are no rule files.")


@command.command("show")
@click.argument("name", required=False, default="")
@click.option(
    "--columns", is_flag=True, help="The columns of 'moltrack risk --table' and of its result, with their meaning."
)
@FORMAT_OPTION
def show_(name: str, columns: bool, form: str) -> None:
    """What rule file NAME (or a file of your own) says: rows, thresholds, citations.

    \b
    moltrack rules show eln2022
    moltrack rules show --columns
    moltrack rules show eln2022 --columns
    """
    from moltrack import rules

    if not name and not columns:
        raise click.UsageError("Give the name of a rule set (see 'moltrack rules list'), or --columns.")
    if columns:
        ruleset = rules.load_ruleset(name) if name else None
        show(_columns(ruleset), ["column", "in", "meaning"], form, empty="")
        return
    found = rules.load_rules(name)
    if isinstance(found, rules.FlagRules):
        if form == "text":
            click.echo("\n".join(_flags_text(found)))
        else:
            show(_flag_rows(found), FLAG_COLUMNS, form, empty="")
    elif form == "text":
        click.echo("\n".join(_as_text(found)))
    else:
        rows = [_row(found, item) for item in found.table.rows]
        show(rows, ["row", "category", "title", "when", "yields_to", "basis", "citation"], form, empty="")


@command.command("check")
@click.argument("file", type=INPUT_PATH)
def check(file: Path) -> None:
    """Say whether a rule FILE of your own can be used; what is wrong is named with its line.

    A laboratory changes a threshold with three lines, and every verdict says so:

    \b
    extends: eln2022
    version: our laboratory
    thresholds: {tp53_vaf: 0.05}

    \b
    moltrack rules check our_thresholds.yaml
    moltrack risk P01 --rules our_thresholds.yaml
    """
    from moltrack import rules

    found = rules.load_rules(file)
    size = f"{len(found.rules)} rules" if isinstance(found, rules.FlagRules) else f"{len(found.table.rows)} rows"
    click.echo(f"{file.name}: {found.title}, version {found.version}: {size}, no problem.")
    for note in found.overridden:
        click.echo(f"  {note}")


@command.command("diff")
@click.argument("one")
@click.argument("two")
def diff(one: str, two: str) -> None:
    """What differs between two rule sets: categories, thresholds, rows.

    \b
    moltrack rules diff eln2017 eln2022
    """
    from moltrack import rules

    before, after = rules.load_rules(one), rules.load_rules(two)
    if isinstance(before, rules.FlagRules) and isinstance(after, rules.FlagRules):
        lines = list(_flag_differences(before, after))
    elif isinstance(before, rules.RuleSet) and isinstance(after, rules.RuleSet) and before.kind == after.kind:
        lines = list(_differences(before, after))
    else:
        raise InputError(f"{one} is about {before.kind}, {two} about {after.kind}: there is nothing to compare.")
    click.echo("\n".join(lines) if lines else f"{one} and {two} say the same.")


def _columns(ruleset: RuleSet | None) -> list[dict[str, str]]:
    """Columns of the table (those that a rule set reads, if one is named), then those of the result."""
    from moltrack import rules

    read = None
    if ruleset is not None:
        read = {"patient", "age", "karyotype", *ruleset.inputs}
        read |= {name for level in ruleset.levels.values() for name in (level.number, level.of)}
        read |= {"kmt2a_r_partner_unknown"} if "kmt2a_r" in read else set()
    given = [
        {"column": name, "in": "table", "meaning": meaning}
        for name, meaning in rules.column_meanings().items()
        if read is None or name in read
    ]
    return given + [{"column": name, "in": "result", "meaning": meaning} for name, meaning in rules.RESULTS.items()]


def _as_text(ruleset: RuleSet) -> Iterator[str]:
    yield f"{ruleset.title} ({ruleset.id}), version {ruleset.version}"
    yield f"  {ruleset.citation}"
    if ruleset.scope:
        yield f"  for {ruleset.scope}"
    for condition, reason in ruleset.not_applicable:
        yield f"  not applicable when {condition_text(condition)}: {reason}"
    for name, value in ruleset.thresholds.items():
        yield f"  threshold {name} = {value:g}"
    for name, level in ruleset.levels.items():
        yield f"  {name} = {level.number} {'>' if level.above else '>='} {level.threshold}"
    for name, items in ruleset.lists.items():
        yield f"  list {name}: {', '.join(items)}"
    yield from (f"  course of {_course_text(course)}" for course in ruleset.courses)
    yield from (f"  laboratory: {note}" for note in ruleset.overridden)
    for row in ruleset.table.rows:
        yield ""
        title = ruleset.categories[row.category]
        named = title if title == row.category else f"{title} ({row.category})"
        yield f"{named}: {row.title}  [{row.id}]"
        yield f"  when {_when(row)}"
        stated = [name for name in row.yields_to if name not in row.yields_derived]
        if stated:
            yield f"  gives way to {', '.join(stated)}"
        if row.yields_derived:
            yield f"  gives way to {', '.join(row.yields_derived)} (derived)"
        if row.basis != "stated":
            yield f"  basis: {row.basis}"
        if row.note:
            yield f"  note: {row.note}"
        if row.missing:
            yield f"  would settle it: {row.missing}"
        if row.citation:
            yield f"  {row.citation}"
    if ruleset.table.order:
        yield ""
        yield f"where the text states no precedence, by convention: {' > '.join(ruleset.table.order)}"
    for flag in ruleset.flags:
        yield f"flag {flag.id} when {condition_text(flag.when)}: {flag.text}"


def _course_text(course: Any) -> str:
    """How levels of a target over time are read: ``NPM1 by qPCR in BM: negative below x, positive from y``."""
    what = ", ".join(course.targets) or "any target"
    how = f" by {', '.join(course.methods)}" if course.methods else ""
    where = f" in {', '.join(course.tissues)}" if course.tissues else ""
    negative = f"below {course.negative_below}" if course.negative_below else "when not detected"
    positive = f"from {course.positive_from}" if course.positive_from else "when detected"
    rise = f", a rise counts from below {course.rise_below}" if course.rise_below else ""
    return f"{what}{how}{where}: negative {negative}, positive {positive}{rise}"


def _when(row: Any) -> str:
    if not row.residual:
        return condition_text(row.when)
    return "nothing else applies" + ("" if row.when == {"always": True} else f", and {condition_text(row.when)}")


#: Columns of ``rules show`` on flag rules.
FLAG_COLUMNS = [
    "rule",
    "flag",
    "scope",
    "title",
    "when",
    "with",
    "severity",
    "text",
    "unknown",
    "yields_to",
    "basis",
    "citation",
]


def _flag_rows(found: FlagRules) -> list[dict[str, Any]]:
    return [
        {
            "rule": rule.id,
            "flag": rule.flag,
            "scope": rule.scope,
            "title": rule.title,
            "when": condition_text(rule.when),
            "with": "; ".join(f"{name} {', '.join(sorted(items))}" for name, items in rule.names.items()),
            "severity": rule.severity,
            "text": rule.text,
            "unknown": rule.unknown,
            "yields_to": ", ".join(rule.yields_to),
            "basis": rule.basis,
            "citation": rule.source,
        }
        for rule in found.rules
    ]


def _flags_text(found: FlagRules) -> Iterator[str]:
    yield f"{found.title} ({found.id}), version {found.version}"
    yield f"  {found.citation}"
    for name, value in found.thresholds.items():
        yield f"  threshold {name} = {value:g}"
    for name, items in found.lists.items():
        yield f"  list {name}: {', '.join(sorted(items))}"
    yield from (f"  laboratory: {note}" for note in found.overridden)
    for rule, row in zip(found.rules, _flag_rows(found), strict=True):
        yield ""
        yield f"{rule.flag}: {rule.title}  [{rule.id}]"
        yield f"  for each {rule.scope}, when {row['when']}"
        if rule.names:
            yield f"  with {row['with']}"
        if rule.yields_to:
            yield f"  gives way to {row['yields_to']}"
        yield f"  {rule.severity}: {rule.text}"
        if rule.unknown:
            yield f"  open ({rule.unknown_severity}): {rule.unknown}"
        for item in rule.missing:
            yield f"  missing: {item}"
        yield f"  {rule.source}"
    asked = dict.fromkeys(predicate for rule in found.rules for predicate in rule.predicates)
    yield ""
    for predicate in asked:
        read = ", ".join((*predicate.numbers, *predicate.lists))
        yield f"{predicate.name}{f' ({read})' if read else ''}: {predicate.question}"


def _flag_differences(one: FlagRules, two: FlagRules) -> Iterator[str]:
    yield from _threshold_differences(one.thresholds, two.thresholds)
    rules = {row["rule"]: row for row in _flag_rows(one)}
    others = {row["rule"]: row for row in _flag_rows(two)}
    for name in dict.fromkeys([*rules, *others]):
        if name not in rules or name not in others:
            owner, row = (one, rules[name]) if name in rules else (two, others[name])
            yield f"rule {name}: only in {owner.id}: {row['title']}"
            continue
        for column in FLAG_COLUMNS[1:]:
            before, after = rules[name][column], others[name][column]
            if before != after:
                yield f"rule {name}, {column.replace('_', ' ')}: {before or 'none'} | {after or 'none'}"


def _threshold_differences(one: Mapping[str, float], two: Mapping[str, float]) -> Iterator[str]:
    for name in dict.fromkeys([*one, *two]):
        if one.get(name) != two.get(name):
            yield f"threshold {name}: {_value(one.get(name))} | {_value(two.get(name))}"


def _row(ruleset: RuleSet, row: Any) -> dict[str, Any]:
    return {
        "row": row.id,
        "category": row.category,
        "title": row.title,
        "when": json.dumps(row.when, ensure_ascii=False),
        "yields_to": ";".join(row.yields_to),
        "basis": row.basis,
        "citation": row.citation or ruleset.citation,
    }


def condition_text(condition: Any) -> str:
    """A condition in words: ``NPM1 and not FLT3_ITD``."""
    if isinstance(condition, str):
        return condition
    [(operator, value)] = [item for item in condition.items() if item[0] != "of"]
    if operator in {"any", "all"}:
        parts = [_inside(part, beside=operator) for part in value]
        return (" or " if operator == "any" else " and ").join(parts)
    if operator == "not":
        return f"not {_inside(value)}"
    if operator == "at_least":
        return f"at least {value} of ({', '.join(_inside(part) for part in condition['of'])})"
    return f"row {value}" if operator == "row" else "always"


def _inside(condition: Any, beside: str = "") -> str:
    """A part of a longer condition, in brackets where they are needed."""
    text = condition_text(condition)
    others = {"any", "all"} - {beside}
    several = isinstance(condition, dict) and any(len(condition.get(key, ())) > 1 for key in others)
    return f"({text})" if several else text


def _differences(one: RuleSet, two: RuleSet) -> Iterator[str]:
    if dict(one.categories) != dict(two.categories):
        yield f"categories: {_listed(one.categories)} | {_listed(two.categories)}"
    yield from _threshold_differences(one.thresholds, two.thresholds)
    rows = {row.id: row for row in one.table.rows}
    others = {row.id: row for row in two.table.rows}
    for name in dict.fromkeys([*rows, *others]):
        if name not in others:
            yield f"row {name}: only in {one.id}: {one.categories[rows[name].category]}: {rows[name].title}"
        elif name not in rows:
            yield f"row {name}: only in {two.id}: {two.categories[others[name].category]}: {others[name].title}"
        else:
            for field in ("category", "title", "when", "yields_to", "basis", "residual"):
                before, after = getattr(rows[name], field), getattr(others[name], field)
                if before != after:
                    shown = condition_text if field == "when" else _value
                    yield f"row {name}, {field.replace('_', ' ')}: {shown(before)} | {shown(after)}"
    if one.table.order != two.table.order:
        yield f"order by convention: {' > '.join(one.table.order)} | {' > '.join(two.table.order)}"


def _listed(categories: Any) -> str:
    return ", ".join(f"{name} {title}" for name, title in categories.items())


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)
