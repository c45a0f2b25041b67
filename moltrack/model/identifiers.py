"""Identifiers of patients, samples, assays: one spelling each."""

from __future__ import annotations

import unicodedata

from moltrack.errors import InputError

MAX_LENGTH = 120


def clean(text: str, what: str, *, empty: bool = False) -> str:
    """An identifier in Unicode NFC, without surrounding space.

    Raises
    ------
    InputError
        Empty (unless ``empty``), longer than 120 characters, or with a control character.
    """
    cleaned = unicodedata.normalize("NFC", text).strip()
    if not cleaned and not empty:
        raise InputError(f"the {what} is empty.")
    if len(cleaned) > MAX_LENGTH:
        raise InputError(f"the {what} '{cleaned[:40]}...' is longer than {MAX_LENGTH} characters.")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in cleaned):
        raise InputError(f"the {what} {cleaned!r} holds a control character.")
    return cleaned
