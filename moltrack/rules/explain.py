"""Verdicts in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from moltrack.model import PredicateTrace, RuleTrace, Truth, Verdict

#: Version of the JSON form; ``verdict.schema.json`` beside this module describes it.
JSON_VERSION = 1

NAMES = {"F": "favorable", "I": "intermediate", "A": "adverse"}

DISCLAIMER = "For research and for review by a physician."


def category_name(text: str) -> str:
    """``A`` as ``adverse``; ``NA{F,I,A}`` as ``not assessable (possible: favorable, intermediate, adverse)``."""
    if text in NAMES:
        return NAMES[text]
    if text.startswith("NA{"):
        inside, _, rest = text[3:].partition("}")
        possible = ", ".join(NAMES.get(part, part) for part in inside.split(","))
        convention = rest.partition("conv ")[2]
        usual = f"; usual convention: {NAMES.get(convention, convention)}" if convention else ""
        return f"not assessable (possible: {possible}{usual})"
    return text


def summary(verdict: Verdict) -> str:
    """The verdict in a few lines: category, on what was tested, what would decide, remarks."""
    where = f" at sample {verdict.sample}" if verdict.sample else ""
    if not verdict.applicable:
        return f"{verdict.title}{where}: not applicable; {verdict.reason}."
    basis = f" (basis: {verdict.basis})" if verdict.category and verdict.basis not in {"", "stated"} else ""
    lines = [f"{verdict.title}{where}: {category_name(verdict.text)}{basis}"]
    if verdict.category is None or verdict.as_observed != verdict.category:
        lines.append(
            f"  as observed (on what was tested, not the guideline's result): {category_name(verdict.as_observed)}"
        )
    if verdict.category is None and verdict.convention:
        lines.append("  the guideline states no precedence between the rows that hold")
    if verdict.deciding:
        lines.append(f"  would decide: {'; '.join(verdict.deciding)}")
    lines += [f"  flag: {flag}" for flag in verdict.flags]
    lines += [f"  laboratory's threshold: {note}" for note in verdict.overridden]
    if verdict.reason:
        lines.append(f"  {verdict.reason}")
    if verdict.guideline_note:
        lines.append(f"  {verdict.guideline_note}")
    return "\n".join(lines)


def explain(verdict: Verdict) -> str:
    """The decision as a tree: rule, citation, predicate, YES/NO/UNKNOWN, value, observation with file and line, what is missing."""
    lines = [
        summary(verdict),
        f"  {verdict.citation}; rule set {verdict.ruleset} version {verdict.version}. {DISCLAIMER}",
    ]
    for rule in verdict.rules:
        basis = f" ({rule.basis})" if rule.basis != "stated" else ""
        lines.append(f"  [{rule.answer:>7}] {NAMES.get(rule.category, rule.category)}: {rule.title}{basis}")
        if rule.citation and rule.citation != verdict.citation:
            lines.append(f"      {rule.citation}")
        lines += [f"      {line}" for part in rule.parts for line in _tree(part)]
    read = {predicate.name for rule in verdict.rules for predicate in _predicates(rule)}
    extra = [p for p in verdict.predicates if p.name not in read and p.answer is Truth.YES]
    lines += [f"  [{p.answer:>7}] {line}" for p in extra for line in _predicate_lines(p)]
    return "\n".join(lines)


#: Parts that were not tested, or are absent, are told one by one up to this many, then in one line.
FEW = 2


def _tree(rule: RuleTrace, depth: int = 0, negated: bool = False) -> Iterator[str]:
    """A condition and what it rests on; parts that settle nothing are folded."""
    indent = "  " * depth
    if rule.operator == "not":
        yield from _tree(rule.parts[0], depth, not negated)
        return
    answer = _opposite(rule.answer) if negated else rule.answer
    if rule.predicate is not None:
        first, *rest = _predicate_lines(rule.predicate)
        yield f"{indent}[{answer:>7}] {'not: ' if negated else ''}{first}"
        yield from (f"{indent}          {line}" for line in rest)
        return
    words = {"any": "none of" if negated else "any of", "all": "not all of" if negated else "all of"}
    title = words.get(rule.operator) or ("not: " if negated else "") + (rule.title or rule.operator)
    yield f"{indent}[{answer:>7}] {title}"
    shown, folded = _folded(rule)
    for part in shown:
        yield from _tree(part, depth + 1)
    yield from (f"{indent}  {line}" for line in folded)


def _opposite(answer: Truth) -> Truth:
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(answer, answer)


def _folded(rule: RuleTrace) -> tuple[list[RuleTrace], list[str]]:
    """The parts that the answer rests on, and lines that stand for the others."""
    if rule.operator == "all" and rule.answer is Truth.NO:
        shown = [part for part in rule.parts if part.answer is Truth.NO]
        left = len(rule.parts) - len(shown)
        return shown, [_whatever(left)] * (left > 0)
    if rule.operator != "any":
        return list(rule.parts), []
    untested = [
        part for part in rule.parts if part.predicate and part.answer is Truth.UNKNOWN and not part.predicate.evidence
    ]
    absent = [part for part in rule.parts if part.predicate and part.answer is Truth.NO]
    if rule.answer is Truth.YES:
        shown = [part for part in rule.parts if part.answer is Truth.YES]
        left = len(rule.parts) - len(shown)
        lines = [
            _fold(parts, words, others=True) for parts, words in ((untested, "not tested"), (absent, "absent")) if parts
        ]
        left -= len(untested) + len(absent)
        return shown, lines + [_whatever(left)] * (left > 0)
    folded = [(parts, words) for parts, words in ((untested, "not tested"), (absent, "absent")) if len(parts) > FEW]
    hidden = {id(part) for parts, _ in folded for part in parts}
    shown = [part for part in rule.parts if id(part) not in hidden]
    return shown, [_fold(parts, words) for parts, words in folded]


def _fold(parts: Sequence[RuleTrace], words: str, *, others: bool = False) -> str:
    if others:
        return f"{len(parts)} other{'s' if len(parts) > 1 else ''} {words}"
    return f"{words}: {'; '.join(part.predicate.question for part in parts if part.predicate)}"


def _whatever(count: int) -> str:
    return f"{count} other condition{'s' if count > 1 else ''} {'do' if count > 1 else 'does'} not matter"


def _predicate_lines(predicate: PredicateTrace) -> list[str]:
    head = (
        predicate.question
        + (f": {predicate.value}" if predicate.value else "")
        + (f" ({predicate.note})" if predicate.note else "")
    )
    if predicate.missing and not predicate.evidence:
        head += f"; not tested, missing: {', '.join(predicate.missing)}"
    return [head] + [
        f"- {item.text}"
        + (f", sample {item.sample}" if item.sample else "")
        + (f" <{item.origin}>" if item.origin else "")
        for item in predicate.evidence[:4]
    ]


def _predicates(rule: RuleTrace) -> Iterator[PredicateTrace]:
    if rule.predicate is not None:
        yield rule.predicate
    for part in rule.parts:
        yield from _predicates(part)


def changes_between(verdicts: Sequence[Verdict]) -> str:
    """What differs between guidelines for this patient, and on which rows each rests; "" when nothing does."""
    shown = [verdict for verdict in verdicts if verdict.applicable]
    if len({verdict.text for verdict in shown}) < 2 and len({verdict.as_observed for verdict in shown}) < 2:
        return ""
    lines = ["What differs:"]
    for verdict in shown:
        fired = [rule.title for rule in verdict.rules if rule.answer is Truth.YES]
        because = "; ".join(fired) if fired else "no row holds for certain"
        lines.append(f"  {verdict.title}: {category_name(verdict.text)}; rows that hold: {because}")
    return "\n".join(lines)


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict for programs; its form is described by ``verdict.schema.json`` in this package."""
    data = asdict(verdict)
    data["schema_version"] = JSON_VERSION
    data["verdict"] = verdict.text
    data["disclaimer"] = DISCLAIMER
    return _plain(data)  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Truth) else value
