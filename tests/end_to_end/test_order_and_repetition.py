"""The same files in any order, once or twice, give the same store; a negative counts whenever it arrives."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import EXAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from moltrack import manifest, pipeline
from moltrack.timeline import timeline

JOBS = manifest.read_manifest(EXAMPLES / "manifest.csv")
LANDINGS = [item.landing for item in manifest.prepare_chunk(JOBS) if item.landing is not None]


def dump(folder: Path, order: list[int]) -> str:
    with pipeline.open(folder / "store.db") as store:
        for index in order:
            pipeline.land(store, LANDINGS[index])
        return "\n".join(store.dump())


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    return dump(tmp_path_factory.mktemp("straight"), list(range(len(LANDINGS))))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=8)
def test_any_order_gives_the_same_canonical_dump(
    tmp_path_factory: pytest.TempPathFactory, expected: str, seed: int
) -> None:
    order = list(range(len(LANDINGS)))
    random.Random(seed).shuffle(order)
    assert dump(tmp_path_factory.mktemp("shuffled"), order) == expected


@given(repeated=st.lists(st.integers(0, len(LANDINGS) - 1), max_size=4))
@settings(max_examples=5)
def test_files_ingested_again_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, expected: str, repeated: list[int]
) -> None:
    assert dump(tmp_path_factory.mktemp("repeated"), [*range(len(LANDINGS)), *repeated]) == expected


def test_rebuilding_gives_the_same_dump(tmp_path: Path, expected: str) -> None:
    from moltrack.normalize import normalize

    dump(tmp_path, list(range(len(LANDINGS))))
    with pipeline.open(tmp_path / "store.db") as store:
        store.rebuild(normalize)
        assert "\n".join(store.dump()) == expected


ASSAYS = """assays:
  - id: panel
    technique: DNA sequencing
    covers: ["panel:myeloid"]
    lod: ["vaf=2 %"]
"""

VARIANTS = "#moltrack: variants\npatient,sample,date,gene,hgvs_c,hgvs_p,vaf,class,assay"
POSITIVE = "P1,S{n},2021-0{n}-01,DNMT3A,c.2645G>A,p.Arg882His,12 %,pathogenic,panel"
OTHER = "P1,S{n},2021-0{n}-01,IDH2,c.419G>A,p.Arg140Gln,30 %,pathogenic,panel"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["negative-first", "positive-first"])
def test_a_negative_counts_before_and_after_the_first_detection(
    tmp_path: Path, write: Callable[..., Path], order: tuple[int, int]
) -> None:
    files = [
        write("one.csv", *VARIANTS.split("\n"), OTHER.format(n=1)),
        write("two.csv", *VARIANTS.split("\n"), OTHER.format(n=2), POSITIVE.format(n=2)),
    ]
    with pipeline.open(tmp_path / "store.db") as store:
        pipeline.ingest(store, write("assays.yaml", *ASSAYS.split("\n")))
        for index in order:
            pipeline.ingest(store, files[index])
        line = timeline(store, "P1")
        found = {row["sample"]: (row["status"], row["lod"]) for row in line.rows() if row["genes"] == "DNMT3A"}
    assert found == {"S1": ("not_detected", 0.02), "S2": ("detected", 0.02)}
