"""Karyotype tables and text files."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.formats.cytogenetics.karyotype import KARYOTYPES, sniff_table
from moltrack.formats.files import Head
from moltrack.formats.registry import Sniff
from moltrack.model import Call, Counts, Coverage, CoverageScope, Karyotype, KaryotypeEvent, Printed, Technique

Write = Callable[..., Path]
HEADER = "sample,karyotype,metaphases"


def calls(path: Path) -> list[Call]:
    return [record for record in read(path).records if isinstance(record, Call)]


def coverage(path: Path) -> list[Coverage]:
    return [record for record in read(path).records if isinstance(record, Coverage)]


def test_table_gives_the_karyotype_and_its_abnormalities(write: Write) -> None:
    path = write("k.csv", "sample,karyotype", 'S1,"46,XY,t(8;21)(q22;q22.1)[18]/46,XY[2]"')
    assert read(path).format.name == "karyotype"
    whole, event = calls(path)
    assert isinstance(whole.finding, Karyotype)
    assert whole.finding.flag("t_8_21") is True
    assert whole.finding.metaphases == 20
    assert isinstance(event.finding, KaryotypeEvent)
    assert (event.finding.text, event.finding.lesions) == ("t(8;21)(q22;q22.1)", ("t_8_21",))
    assert event.levels == (Printed("cell_fraction", Decimal("0.9"), "fraction", "18/20", "", "metaphases"),)
    assert event.counts == Counts(cells=18, cells_total=20)
    assert (event.sample, event.line, event.technique) == ("S1", 2, Technique.KARYOTYPE)


def test_metaphases_are_coverage(write: Write) -> None:
    [looked_at] = coverage(write("k.csv", "sample,karyotype", 'S1,"46,XX[20]"'))
    assert looked_at.scope is CoverageScope.METAPHASES
    assert looked_at.counts == Counts(cells_total=20)
    assert looked_at.evaluable


def test_no_count_no_level_no_coverage(write: Write) -> None:
    path = write("k.csv", "sample,karyotype", 'S1,"45,XX,-7/46,XX"')
    assert [call.levels for call in calls(path)] == [(), ()]
    assert coverage(path) == []


def test_composite_clone_is_an_upper_bound(write: Write) -> None:
    _, event = calls(write("k.csv", "sample,karyotype", 'S1,"46,XX,del(5)(q13q33)[cp12]/46,XX[8]"'))
    assert event.levels[0].comparator == "<="
    assert event.notes == ("composite karyotype: an upper bound",)


def test_metaphases_of_the_column(write: Write) -> None:
    path = write("k.csv", HEADER, 'S1,"46,XX",25')
    assert calls(path)[0].finding.metaphases == 25  # type: ignore[union-attr]
    assert coverage(path)[0].counts.cells_total == 25


def test_fewer_metaphases_than_the_clones_count_is_an_error(write: Write) -> None:
    path = write("k.csv", HEADER, 'S1,"46,XX[20]",10')
    with pytest.raises(FormatError, match=r"^k\.csv:2: states 10 metaphases, but the clones count 20\."):
        read(path)


def test_failed_karyotype_is_looked_at_and_not_evaluable(write: Write) -> None:
    path = write("k.csv", "sample,karyotype", "S1,no metaphases", "S2,")
    [whole] = calls(path)
    assert set(dict(whole.finding.flags).values()) == {None}  # type: ignore[union-attr]
    [looked_at] = coverage(path)
    assert (looked_at.sample, looked_at.evaluable) == ("S1", False)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(("46,XY,t(8;21)(q22;q22)[18]/46,XY[2]",), id="one-line"),
        pytest.param(("# laboratory 3", "46,XY,t(8;21)(q22;q22)[18]", "/46,XY[2]"), id="broken-over-lines"),
    ],
)
def test_text_file(write: Write, lines: tuple[str, ...]) -> None:
    path = write("karyotype.txt", *lines)
    assert read(path).format.name == "karyotype_text"
    whole, event = calls(path)
    assert whole.finding.metaphases == 20  # type: ignore[union-attr]
    assert event.counts == Counts(cells=18, cells_total=20)
    assert whole.line == len(lines) - (1 if len(lines) > 1 else 0)


def test_template_is_recognised(write: Write) -> None:
    path = write("template.csv", *KARYOTYPES.template.rstrip("\n").split("\n"))
    assert read(path).format.name == "karyotype"
    assert read(path).records == ()


def test_a_table_of_something_else_with_an_iscn_column_is_not_claimed(write: Write) -> None:
    path = write("fusions.tsv", "fusion\tiscn\tsource", "RUNX1::RUNX1T1\tt(8;21)(q22;q22.1)\tpaper")
    assert sniff_table(Head.of(path)) is Sniff.NO


def test_a_loss_that_a_derivative_stands_for_is_no_event(write: Write) -> None:
    path = write("k.csv", "sample,karyotype", 'S1,"46,XX,-7,+der(7)t(7;12)(q22;p13)[20]"')
    assert [call.finding.text for call in calls(path)[1:]] == ["+der(7)t(7;12)(q22;p13)"]  # type: ignore[union-attr]


def test_a_list_of_ids_and_karyotypes_without_a_header(write: Write) -> None:
    reading = read(write("list.txt", "ABC\t45,XX,-7[20]", "DEF\t47,XY,+8[4]/46,XY[16]"))
    assert reading.format.name == "karyotype_list"
    whole = [
        (r.sample, r.line, r.finding.text)
        for r in reading.records
        if isinstance(r, Call) and isinstance(r.finding, Karyotype)
    ]
    assert whole == [("ABC", 1, "45,XX,-7[20]"), ("DEF", 2, "47,XY,+8[4]/46,XY[16]")]


def test_a_line_of_a_list_without_a_karyotype_is_refused(write: Write) -> None:
    from moltrack.formats import ReadOptions

    path = write("list.txt", "ABC\t45,XX,-7[20]", "DEF")
    [refused] = read(path, ReadOptions(input_format="karyotype_list")).refused
    assert (refused.line, refused.reason) == (2, "is not an id, a tab and a karyotype.")


def test_fish_behind_a_karyotype_is_a_result_of_its_own(write: Write) -> None:
    """A loss that 20 normal metaphases do not show must not be read as absent."""
    path = write("k.csv", "sample,karyotype", 'S1,"46,XY[20].nuc ish(D5S23,D5S721x2,EGR1x1)[100/200]"')
    whole, loss = calls(path)
    assert (whole.technique, loss.technique, loss.assay, loss.sample) == (
        Technique.KARYOTYPE,
        Technique.FISH,
        "fish",
        "S1",
    )
    assert (loss.finding.chrom, loss.finding.probe, loss.levels[0].text) == ("5", "EGR1", "100/200")


def test_an_array_behind_a_karyotype_is_a_result_of_its_own(write: Write) -> None:
    path = write("k.csv", "sample,karyotype", 'S1,"46,XX[20].arr[GRCh37] 17p13.3p11.2(1_21000000)x1"')
    _, loss = calls(path)
    assert (loss.technique, loss.assay, loss.finding.chrom, loss.finding.end) == (
        Technique.ARRAY,
        "array",
        "17",
        21_000_000,
    )
    assert [item.scope for item in coverage(path)] == [CoverageScope.METAPHASES, CoverageScope.GENOME_COPY_NUMBER]
