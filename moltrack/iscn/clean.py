"""One spelling for what keyboards, spreadsheets and mail programs make of a karyotype."""

from __future__ import annotations

import re

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—−﹣－", "-"),
        **dict.fromkeys("∼～˜⁓〜", "~"),
        **dict.fromkeys("×✕✖", "x"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u200a\u202f\u3000\t\r\n\f\v\x1c\x1d\x1e\x1f\x85\u2028\u2029", " "),
        **dict.fromkeys("\u200b\u200c\u200d\ufeff\u00ad", None),
        **dict.fromkeys("（﹙", "("),
        **dict.fromkeys("）﹚", ")"),
        **dict.fromkeys("［", "["),
        **dict.fromkeys("］", "]"),
        **dict.fromkeys("；", ";"),
        **dict.fromkeys("，、", ","),
        **dict.fromkeys("＋", "+"),
        **dict.fromkeys("？", "?"),
        **dict.fromkeys("／⁄∕", "/"),
        **dict.fromkeys("‘’´`′", "'"),
        **dict.fromkeys("“”„«»″", '"'),
        "→": "->",
    }
)
_LOOKALIKES = str.maketrans("ХУхурΧΥχυρ", "XYxypXYxyp")  # Cyrillic and Greek letters that only look Latin
_SPACES = re.compile(r" {2,}")


def cleaned(text: str) -> str:
    """The text with one kind of dash, tilde, quote and space; letters and case stay."""
    text = without_long_numbers(text)
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", text.translate(_SIGNS).translate(_LOOKALIKES)).strip()


def without_long_numbers(text: str) -> str:
    """Runs of 19 digits and more as ``?``: no number of a karyotype, and more than integers are made of."""
    return _LONG.sub("?", text) if len(text) > 18 else text


_LONG = re.compile(r"\d{19,}")
