"""The 806 karyotypes of the AML-SG cohort against what its curators coded.

Every disagreement stands in ``DISAGREEMENTS`` with who is right by ISCN and why; the strings themselves stay where they are.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from moltrack.iscn import ParsedKaryotype, parse

READER, OPEN = "reader", "open"

#: (row, flag) -> (who is right by ISCN, why).
DISAGREEMENTS = {
    ("PD10813a", "del7q"): (READER, "inv(16) alone: no 7 in the string"),
    ("PD11025a", "del7q"): (READER, "a normal and a tetraploid clone: no 7 in the string"),
    ("PD8535a", "del7q"): (READER, "+8 and inv(16): no 7 in the string"),
    ("PD11022a", "del7q"): (READER, "a deletion in 7q is printed; the doubt is about its band"),
    ("PD11022a", "minus7"): (READER, "a deletion in 7q is not the loss of the chromosome"),
    ("PD10817a", "minus7"): (READER, "the second clone prints -7 in seven cells"),
    ("PD10840a", "minus7"): (READER, "no 7 in the string"),
    ("PD8573a", "minus7"): (READER, "del(5) alone: no 7 in the string"),
    ("PD7968a", "minus7"): (OPEN, "-7 and a derivative 7 in a composite clone: no cell need have both"),
    ("PD8258a", "minus7"): (READER, "-7 in a single cell is no clone"),
    ("PD11064a", "minusY"): (READER, "a loss in two cells is no clone, three are needed"),
    ("PD11236a", "plus13"): (READER, "+13 in a single cell is no clone"),
    ("PD8466a", "plus8_8q"): (READER, "der(6)t(6;8) carries 8q from its break to the end in addition"),
    ("PD9296a", "minus17_abn17p"): (READER, "-17 is printed"),
    ("PD8142a", "minus20_20q"): (READER, "add(20)(p13) changes the short arm"),
    ("PD7952a", "inv3_t3_3"): (READER, "the break is 3q22, not 3q26"),
    ("PD8139a", "inv3_t3_3"): (READER, "inv(3) with breaks 3p25 and 3q26: another rearrangement of MECOM"),
    ("PD11061a", "t_v_11q23_other"): (READER, "t(11;19)(q23;p13.1) is printed"),
    ("PD11105a", "t_v_11q23_other"): (READER, "an insertion between chromosomes with a break in 11q23"),
    ("PD7983a", "del9q"): (OPEN, "'na' stands where -9 may have stood; a loss of 9 would not be del(9q)"),
    ("PD8156a", "del9q"): (OPEN, "'na' stands where -9 may have stood; a loss of 9 would not be del(9q)"),
    ("PD8280a", "del9q"): (OPEN, "'na' stands where -9 may have stood; a loss of 9 would not be del(9q)"),
    ("PD8371a", "del9q"): (READER, "9ph is a normal variant"),
    ("PD9283a", "del9q"): (OPEN, "add at the last band of 9q: what lies beyond is not known"),
    ("PD8371a", "normal_karyotype"): (READER, "9ph is a normal variant"),
    ("PD10890a", "normal_karyotype"): (READER, "9ph is a normal variant"),
    ("PD10993a", "normal_karyotype"): (READER, "9ph is a normal variant"),
    ("PD11059a", "normal_karyotype"): (READER, "46,XY in every cell"),
    ("PD7757a", "normal_karyotype"): (READER, "two markers in nine cells"),
    ("PD8477a", "normal_karyotype"): (READER, "a marker in two cells"),
    ("PD7886a", "normal_karyotype"): (OPEN, "+8 in a single cell is no clone, nor is it nothing"),
    ("PD11041a", "complex"): (READER, "add(8q), three markers, a ring, dmin and +9"),
    ("PD10948a", "complex"): (READER, "t(6;11) defines the class"),
    ("PD10990a", "complex"): (READER, "inv(3) defines the class"),
    ("PD11253a", "complex"): (READER, "the translocation of 11q23 defines the class"),
    ("PD8362a", "complex"): (READER, "the translocation of 11q23 defines the class"),
}


@pytest.fixture(scope="module")
def rows(real_files: Path) -> list[dict[str, str]]:
    with (real_files / "cytogenetics" / "amlsg_karyotypes.tsv").open(encoding="utf-8", newline=None) as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


read = cache(parse)


def flags_of(rows: list[dict[str, str]]) -> list[str]:
    return [name for name in rows[0] if name not in ("id", "karyotype")]


def compared(rows: list[dict[str, str]]) -> list[tuple[str, str, bool, bool | None]]:
    """Row, flag, coded, read: for each code of a row that holds a karyotype."""
    return [
        (row["id"], flag, row[flag] == "1", parsed.flags[flag])
        for row in rows
        if (parsed := read(row["karyotype"])).clones
        for flag in flags_of(rows)
        if row[flag]
    ]


def test_every_string_gives_a_result_or_a_named_problem(rows: list[dict[str, str]]) -> None:
    assert len(rows) == 806
    for row in rows:
        parsed = read(row["karyotype"])
        assert parsed.clones or parsed.problems


def test_agreement_with_the_curators(rows: list[dict[str, str]]) -> None:
    scores = {}
    total = [0, 0]
    for flag in flags_of(rows):
        pairs = [(coded, answer is True) for _, name, coded, answer in compared(rows) if name == flag]
        hits = sum(coded and answer for coded, answer in pairs)
        wrong = sum(coded != answer for coded, answer in pairs)
        scores[flag] = 2 * hits / (2 * hits + wrong)
        total[0] += hits
        total[1] += wrong
    assert 2 * total[0] / (2 * total[0] + total[1]) >= 0.98
    assert sum(scores.values()) / len(scores) >= 0.96
    assert min(scores.values()) >= 0.88


def test_every_disagreement_is_explained(rows: list[dict[str, str]]) -> None:
    found = {(row, flag) for row, flag, coded, answer in compared(rows) if coded != (answer is True)}
    assert found == set(DISAGREEMENTS)


def test_open_answers_are_none_and_not_false(rows: list[dict[str, str]]) -> None:
    answers = {(row, flag): answer for row, flag, _, answer in compared(rows)}
    assert all(answers[key] is None for key, (who, _) in DISAGREEMENTS.items() if who == OPEN)


def test_text_without_karyotype_leaves_open_what_it_does_not_state(rows: list[dict[str, str]]) -> None:
    silent = [row["karyotype"] for row in rows if row["karyotype"] in ("no metaphases", "na", "no analysis")]
    assert len(silent) > 50
    assert all(set(read(text).flags.values()) == {None} for text in silent)
    stated = {
        row["id"]: {flag for flag, answer in read(row["karyotype"]).flags.items() if answer}
        for row in rows
        if not read(row["karyotype"]).clones
    }
    assert stated["PD7840a"] == {"inv16_t16_16"}
    assert stated["PD9290a"] == {"t_8_21"}
    assert stated["PD11044a"] == {"complex"}


def test_lower_case_and_reprinting_change_nothing(rows: list[dict[str, str]]) -> None:
    for row in rows:
        parsed: ParsedKaryotype = read(row["karyotype"])
        assert parse(row["karyotype"].lower()).flags == parsed.flags
        again = parse(str(parsed))
        assert (again.clones, again.flags) == (parsed.clones, parsed.flags)
        assert parse(parsed.written_out()).flags == parsed.flags


def test_gains_and_losses_of_cytoconverter_example(real_files: Path) -> None:
    """Chromosome arms as CytoConverter's own result table lists them beside its example."""
    folder = real_files / "files" / "E_karyotype"
    lines = (folder / "CytoConverter_cyto_example.txt").read_text(encoding="utf-8").splitlines()
    read_as = {
        name: {
            (str(change.change), change.chrom, change.arm)
            for finding in parse(text).findings
            for change in finding.imbalances
        }
        for name, text in (line.strip().split("\t") for line in lines if line.strip())
    }
    assert read_as == {
        "ABC": {("loss", "1", "p"), ("loss", "19", "q")},
        "DEF": {("gain", "10", "p"), ("gain", "10", "q"), ("gain", "21", "q")},
        "P10": {("gain", "X", ""), ("gain", "7", ""), ("gain", "9", "")},
    }


def test_cytoconverter_list_is_read_with_cells(real_files: Path) -> None:
    """Line 3, read by eye: +X in 30 of 80 cells, +7 and +9 in 50 of 80."""
    from moltrack.formats import read
    from moltrack.model import Call, KaryotypeEvent

    reading = read(real_files / "files/E_karyotype/CytoConverter_cyto_example.txt")
    found = [
        (r.sample, r.finding.text, r.levels[0].text)
        for r in reading.records
        if isinstance(r, Call) and isinstance(r.finding, KaryotypeEvent) and r.levels
    ]
    assert found == [("P10", "+X", "30/80"), ("P10", "+7", "50/80"), ("P10", "+9", "50/80")]
