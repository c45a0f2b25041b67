"""Splitting at signs that stand outside of parentheses and brackets."""

from __future__ import annotations


def split_outside(text: str, signs: str) -> list[str]:
    """Pieces of ``text`` between any of ``signs`` that stand outside of ``()`` and ``[]``; a missing partner does not matter."""
    pieces: list[str] = []
    depth = 0
    begin = 0
    for index, sign in enumerate(text):
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth = max(0, depth - 1)
        elif depth == 0 and sign in signs:
            pieces.append(text[begin:index])
            begin = index + 1
    pieces.append(text[begin:])
    return pieces
