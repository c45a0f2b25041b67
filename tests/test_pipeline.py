"""Files into a store from a notebook: options in words, said once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import moltrack
from moltrack.errors import InputError
from moltrack.intake import Target, make_target
from moltrack.model import LimitKind, Phase, PhaseKind, Tissue
from moltrack.pipeline import Store

ITD = ("gene,allelic_ratio,assay", "FLT3,59.4 %,fragment")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with moltrack.open(tmp_path / "test.db") as opened:
        yield opened


def test_words_become_a_target() -> None:
    target = make_target(
        patient=" P01 ", tissue="bm", phase="after_cycle(2)", date="2021-05", covers=["NPM1"], lod=["vaf=2%"]
    )
    assert (target.patient, target.tissue, target.phase) == ("P01", Tissue.BM, Phase(PhaseKind.AFTER_CYCLE, 2))
    assert (str(target.time), target.covers) == ("2021-05", ("NPM1",))
    assert [(limit.kind, limit.value.text) for limit in target.limits] == [(LimitKind.LOD, "2%")]


def test_no_words_are_an_empty_target() -> None:
    assert make_target() == Target()


def test_an_unknown_keyword_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match=r"^'patinet' is none of patient, sample, date, "):
        make_target(patinet="P01")  # type: ignore[call-arg]


def test_a_date_and_a_day_do_not_go_together() -> None:
    with pytest.raises(InputError, match="a date or a day, not both"):
        make_target(date="2021-05-12", day="3")


def test_a_notebook_ingests_by_keywords(store: Store, write: Callable[..., Path]) -> None:
    path = write("itd.csv", *ITD)
    assert store.ingest(path, patient="P01", sample="S1", label="first visit").status == "landed"
    assert store.ingest(path, patient="P01", sample="S1", label="first visit").status == "unchanged"
    assert store.ingest(str(path), patient="P01", sample="S1", part="x", replace=True).status == "replaced"
    [sample] = store.samples("P01")
    assert sample.label == "first visit"


def test_a_program_ingests_by_a_target(store: Store, write: Callable[..., Path]) -> None:
    landed = moltrack.ingest(store, write("itd.csv", *ITD), make_target(patient="P01", sample="S1"))
    assert landed.status == "landed"
    assert [info.patient for info in store.patients()] == ["P01"]
