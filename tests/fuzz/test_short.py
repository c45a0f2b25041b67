"""A short form of the fuzzing: every format, the ISCN parser, quantities, manifests and rule files."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from targets import (
    SEEDS,
    build_of,
    families,
    file_of,
    mutate,
    read_iscn,
    read_manifest_bytes,
    read_quantity,
    read_rules,
)

from moltrack import formats
from moltrack.formats import ReadOptions


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_seed_is_a_file_that_its_format_reads(path: Path) -> None:
    options = ReadOptions(input_format=path.stem, build=build_of(path.stem, path.read_bytes()), genes="all")
    reading = formats.read(file_of(path.read_bytes()), options)
    assert reading.records


@pytest.mark.parametrize("family", sorted(families()))
@given(number=st.integers(0, 10**9))
@settings(max_examples=150)
def test_mutated_files_are_read_or_refused_in_words(family: str, number: int) -> None:
    rng = random.Random(number)
    target, text = rng.choice(families()[family].pairs)
    target(mutate(text, rng))


@pytest.mark.parametrize("target", [read_iscn, read_quantity, read_manifest_bytes, read_rules])
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=60).map(str.encode)))
@settings(max_examples=60)
def test_any_bytes_are_read_or_refused_in_words(target, data: bytes) -> None:
    target(data)
