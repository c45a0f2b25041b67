"""Fusion names as laboratories write them: ``RUNX1::RUNX1T1``, ``AML1-ETO``, ``MLL/AF9``, ``BCR-ABL1 e14a2``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from moltrack.resources.genes import gene_symbol
from moltrack.resources.lesions import known_fusions

#: Separators that say "fusion" by themselves, and those that may also be part of a symbol (HLA-A, NKX2-1) or of a list.
_CLEAR = ("::", "--", "->", "→", "—", "–")
_UNCLEAR = ("/", "_", ":", "-", "|")
_TAIL = re.compile(r"\s+|\(")
_NOISE = re.compile(r"\b(fusion|transcript|rearrangement|gene|positive)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FusionName:
    """The two genes of a name, current symbols where the references know them, and what follows (``e14a2``, ``type A``)."""

    gene5: str
    gene3: str
    rest: str = ""


def split_fusion_name(text: str) -> FusionName | None:
    """The genes of a fusion name; None when the text cannot be taken apart without guessing.

    Old names of whole fusions (``RBM15-MAL``) come first. ``::``, ``--`` and ``->`` separate whatever stands beside them; ``-``, ``/``, ``_`` and
    ``:`` only where known symbols result: both sides, or one side when there is a single such place.
    """
    whole = _NOISE.sub("", text).strip()
    pieces = _TAIL.split(whole, maxsplit=1)
    name, rest = pieces[0], pieces[1].strip(" ()") if len(pieces) > 1 else ""
    if old := _old_names().get(_plain(name)):
        return FusionName(*old, rest)
    for separator in _CLEAR:
        if separator in name:
            left, _, right = name.partition(separator)
            return FusionName(_symbol(left), _symbol(right), rest) if left and right else None
    splits = [
        (name[:i], name[i + len(s) :]) for s in _UNCLEAR for i in range(1, len(name) - len(s)) if name.startswith(s, i)
    ]
    for known in (2, 1):
        fitting = [
            pair for pair in splits if sum(gene_symbol(side) is not None for side in pair) == known and all(pair)
        ]
        symbols = {(_symbol(left), _symbol(right)) for left, right in fitting}
        if len(symbols) == 1:
            return FusionName(*symbols.pop(), rest)
    return None


def _symbol(name: str) -> str:
    """The current symbol; an unknown one as printed, immunoglobulin loci without what STAR-Fusion hangs on (``IGH-@-ext``)."""
    text = re.sub(r"-?@(?:-ext)?$", "", name.strip())
    return gene_symbol(text) or text


@cache
def _old_names() -> dict[str, tuple[str, str]]:
    return {
        _plain(name): (item.gene5, item.gene3)
        for item in known_fusions()
        for name in item.synonyms
        if item.gene5 != item.gene3 and not name.startswith("RPN1")
    }


def _plain(name: str) -> str:
    return re.sub(r"::|--|->|[-/_:]", "-", name).casefold()
