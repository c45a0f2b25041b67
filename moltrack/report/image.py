"""A figure as PNG or SVG, drawn by the system's Chromium through kaleido."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moltrack.errors import InputError

#: Names under which Chromium is looked for.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def write_image(figure: Mapping[str, Any], path: Path, *, width: int = 1200, height: int | None = None) -> None:
    """Write the figure; the ending of ``path`` (``.png``, ``.svg``) is the form. Sizes in pixels; the height is the figure's own.

    Raises
    ------
    InputError
        kaleido or a browser is missing (the sentence says what to install), or the file cannot be written.
    """
    try:
        import kaleido
    except ImportError:
        raise InputError(
            "pictures need the package kaleido.", advice="Install it with: pip install 'moltrack[images]'"
        ) from None
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise InputError(
            "pictures need Chromium, and none is installed.",
            advice="Install it (Debian: apt-get install chromium), or write .html.",
        )
    height = height or figure.get("layout", {}).get("height", 900)
    form = path.suffix.lstrip(".").lower()
    try:
        kaleido.write_fig_sync(
            dict(figure),
            path=str(path),
            opts={"format": form, "width": width, "height": height},
            kopts={"path": browser},
        )
    except Exception as error:  # kaleido raises whatever the browser's protocol gave
        raise InputError(f"the picture {path} could not be drawn ({type(error).__name__}: {error}).") from None
    if not path.is_file():
        raise InputError(f"the picture {path} was not written.")
    path.chmod(0o600)
