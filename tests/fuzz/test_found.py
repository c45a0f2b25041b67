"""Cases that the fuzzer found: each once ended in a traceback."""

from __future__ import annotations

import pytest
from targets import read, read_iscn, read_quantity

FOUND = {
    "karyotype-with-an-open-bracket": (read_iscn, "46,XY,[[20"),
    "quotient-of-a-quantity-without-denominator": (read_quantity, "144/200"),
    "one-in-n-of-a-quantity-without-denominator": (read_quantity, "1:1000"),
    "threshold-that-is-no-depth": (
        lambda data: read("mosdepth_thresholds", "GRCh38", data),
        "#chrom\tstart\tend\tregion\tchr\n",
    ),
    "thresholds-of-an-empty-file": (lambda data: read("mosdepth_thresholds", "GRCh38", data), ""),
}


@pytest.mark.parametrize("case", FOUND)
def test_is_read_or_refused_in_words(case: str) -> None:
    target, text = FOUND[case]
    target(text.encode() if isinstance(text, str) else text)
