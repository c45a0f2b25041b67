"""The predicates that flag rules may name: functions of a subject that answer YES, NO or UNKNOWN with what they rest on.

A predicate is registered by its decorator. The annotation of its first parameter is its scope; each further parameter is a value that the
rule file has to give under that name: a number (``float``) among its thresholds, names (``Names``) in ``lists`` or in the rule's ``with``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from moltrack.model import Truth
from moltrack.rules.flags.subjects import SCOPES, Pair

#: Names of a rule file: genes, kinds of markers, drugs ...
Names = frozenset[str]


@dataclass(frozen=True)
class Found:
    """What a predicate answers of one subject: the results it rests on, words for the text, and what would answer it when UNKNOWN."""

    answer: Truth
    pairs: tuple[Pair, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


NO = Found(Truth.NO)


def yes(*pairs: Pair, **words: str) -> Found:
    return Found(Truth.YES, pairs, words)


def unknown(*missing: str, **words: str) -> Found:
    return Found(Truth.UNKNOWN, (), words, missing)


def yes_if(holds: bool) -> Found:
    """YES or NO without anything to tell."""
    return _YES if holds else NO


_YES = Found(Truth.YES)


@dataclass(frozen=True)
class FlagPredicate:
    """A registered predicate: ``subject`` is the class it is asked of, ``gives`` names the words it fills in."""

    name: str
    ask: Callable[..., Found]
    subject: type
    question: str
    numbers: tuple[str, ...]
    lists: tuple[str, ...]
    gives: tuple[str, ...]

    @property
    def scope(self) -> str:
        return next(name for name, (subject, _) in SCOPES.items() if subject is self.subject)

    def fits(self, scope: str) -> bool:
        """True when it can be asked of what a rule of that scope is tried on; what is said of the patient always can."""
        return self.scope == "patient" or issubclass(SCOPES[scope][0], self.subject)


PREDICATES: dict[str, FlagPredicate] = {}

Ask = TypeVar("Ask", bound=Callable[..., Found])


def predicate(*gives: str) -> Callable[[Ask], Ask]:
    """Register a function under its name; its docstring says when the answer is YES."""

    def register(ask: Ask) -> Ask:
        subject, *values = inspect.signature(ask, eval_str=True).parameters.values()
        PREDICATES[ask.__name__] = FlagPredicate(
            name=ask.__name__,
            ask=ask,
            subject=_class_of(subject.annotation),
            question=inspect.cleandoc(ask.__doc__ or "").partition("\n")[0].rstrip("."),
            numbers=tuple(value.name for value in values if value.annotation is float),
            lists=tuple(value.name for value in values if value.annotation is not float),
            gives=gives,
        )
        return ask

    return register


def _class_of(annotation: Any) -> type:
    assert any(annotation is subject for subject, _ in SCOPES.values()), annotation
    return annotation  # type: ignore[no-any-return]
