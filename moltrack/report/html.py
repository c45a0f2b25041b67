"""What every page is made with: templates, the policy that closes a page, JSON and text that cannot break out of it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import importlib.util
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from moltrack.errors import ReferenceError_
from moltrack.model import Provenance

_TEMPLATES = Path(__file__).parent / "templates"
_CONTROLS = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def render(
    template: str, values: Mapping[str, Any], scripts: Sequence[str], *, footer: str, chart: bool = False
) -> str:
    """A whole page: the template with its style, its scripts and the policy that admits them.

    Parameters
    ----------
    scripts
        Names of the script files of the page; they run as one, after all words.
    footer
        Style of the printed foot (:func:`print_footer`).
    chart
        The page unpacks and runs plotly.
    """
    script = "\n".join(_read(name) for name in scripts)
    page = {
        "policy": content_policy([script, plotly_source()] if chart else [script]),
        "css": safe(_read("page.css")),
        "print_footer": safe(footer),
        "script": safe(script),
        "plotly": packed_plotly() if chart else "",
    }
    return visible_controls(_environment().get_template(template).render({**values, **page}))


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def visible_controls(text: str) -> str:
    """Characters that turn the direction of text around, or do not show at all, as a visible code.

    A file's U+202E would otherwise turn around what the page writes behind it.
    """
    return _CONTROLS.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def safe(text: str) -> Any:
    """Text that is already HTML, CSS or script of ours."""
    from markupsafe import Markup

    return Markup(text)


@cache
def plotly_source() -> str:
    """plotly.js as the installed plotly brings it.

    Raises
    ------
    ReferenceError_
        plotly is not installed, or without its script.
    """
    # find_spec: importing plotly only to learn where it lies would cost time.
    spec = importlib.util.find_spec("plotly")
    path = Path(spec.origin).parent / "package_data" / "plotly.min.js" if spec is not None and spec.origin else None
    if path is None or not path.is_file():
        raise ReferenceError_(
            "plotly's script plotly.min.js is missing.", advice="Install plotly again: pip install plotly."
        )
    return path.read_text(encoding="utf-8")


@cache
def packed_plotly() -> str:
    """plotly.js as base64 of gzip: 1.9 MB instead of 4.8 in every page; the page unpacks it and its policy checks the hash."""
    return base64.b64encode(gzip.compress(plotly_source().encode(), 6, mtime=0)).decode()


def content_policy(scripts: Iterable[str]) -> str:
    """A policy that runs these scripts and nothing else, and asks for nothing from anywhere."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def json_text(value: object) -> str:
    """JSON that can stand inside a script element: no ``<`` can end it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def print_footer(who: str, provenance: Provenance) -> str:
    """The foot of every printed page: who, which program and rules, which state of the store."""
    left = f"{who} · moltrack {provenance.program_version}"
    if provenance.rule_versions:
        left += f" · rules {', '.join(provenance.rule_versions)}"
    middle = f"audit {provenance.audit_head[:16]}" if provenance.audit_head else ""
    reviewed = f"reviewed by {provenance.reviewed_by}" if provenance.reviewed_by else "not reviewed"
    right = " · ".join(filter(None, [middle, provenance.stamp, reviewed]))
    font = "font: 7pt sans-serif; color: #444;"
    return (
        "@page { size: A4; margin: 14mm 12mm 18mm; "
        f"@bottom-left {{ content: {_css_string(left)}; {font} }} "
        f'@bottom-right {{ content: {_css_string(right)} " · page " counter(page) " of " counter(pages); {font} }} }} '
        "@page wide { size: A4 landscape; }"
    )


def _css_string(text: str) -> str:
    """A CSS string in which nothing but letters, digits and spaces stands unescaped."""
    shown = text if len(text) <= 240 else f"{text[:239]}…"
    return '"' + "".join(c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):06x} " for c in shown) + '"'
