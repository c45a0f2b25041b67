from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from moltrack.formats import ReadOptions
from moltrack.formats.variants.vcf import read_vcf
from moltrack.model import Call, Coverage, Record


@pytest.fixture
def read(write: Callable[..., Path]) -> Callable[..., list[Record]]:
    """Records of a VCF given as lines; options by name, all genes unless said otherwise."""

    def _read(*lines: str, **options: str) -> list[Record]:
        return list(read_vcf(write("a.vcf", *lines), ReadOptions(**{"genes": "all", **options})))

    return _read


@pytest.fixture
def calls(read: Callable[..., list[Record]]) -> Callable[..., list[Call]]:
    return lambda *lines, **options: [r for r in read(*lines, **options) if isinstance(r, Call)]


@pytest.fixture
def coverage(read: Callable[..., list[Record]]) -> Callable[..., list[Coverage]]:
    return lambda *lines, **options: [r for r in read(*lines, **options) if isinstance(r, Coverage)]
