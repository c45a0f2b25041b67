"""What a real file is taken for."""

from __future__ import annotations

from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats.files import Head
from moltrack.formats.registry import VCF_READERS, Sniff, _formats, all_formats


def test_no_vcf_is_claimed_by_a_module_that_is_not_asked(real_files: Path) -> None:
    others = {name: form for name, form in all_formats().items() if name not in _formats(VCF_READERS)}
    seen, claimed = 0, {}
    for path in sorted(p for p in (real_files / "files").rglob("*") if p.is_file()):
        try:
            head = Head.of(path)
            is_vcf = head.is_vcf or head.is_bcf
        except FormatError:
            continue
        if is_vcf:
            seen += 1
            claimed[path.name] = {name for name, form in others.items() if form.sniff(head) is not Sniff.NO}
    if not seen:
        pytest.fail("no VCF among the real files")
    assert {name: who for name, who in claimed.items() if who} == {}
