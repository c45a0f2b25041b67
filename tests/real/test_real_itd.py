"""ITD callers' real files: every one is read, or refused in one true sentence. Expected values are read off the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.formats.itd.calls import LESIONS
from moltrack.model import Call, Coverage, Itd, SmallVariant
from moltrack.quantity import canonical_level

GETITD = "C_getitd/test_getitd/"
HC = "itds_collapsed-is-same_is-similar_is-close_is-same_trailing_hc.tsv"


def calls(real_files: Path, name: str) -> list[Call]:
    return [record for record in read(real_files / "files" / name).records if isinstance(record, Call)]


def levels(call: Call) -> dict[str, float | None]:
    return {printed.quantity: canonical_level(printed) for printed in call.levels}


@pytest.mark.parametrize(
    ("file", "form", "length", "build", "pos", "expected"),
    [
        (GETITD + HC, "getitd", 21, "GRCh37", 28608260, {"vaf": 0.68876, "allelic_ratio": 2.2130}),
        (
            "C_flt3_itd_ext/test_FLT3_ITD.vcf",
            "flt3_itd_ext",
            21,
            "GRCh37",
            28608260,
            {"vaf": 0.6979, "allelic_ratio": 2.311},
        ),
        (
            "C_flt3_itd_ext/test_FLT3_ITD_summary.txt",
            "flt3_itd_ext_summary",
            21,
            "GRCh37",
            28608260,
            {"vaf": 0.6979, "allelic_ratio": 2.311},
        ),
        ("C_itdseek/ITD.100.100.itdseek.vcf", "itdseek", 100, "GRCh37", 28608310, {"vaf": 0.50}),
        ("C_scanitd/ScanITD_0.3_test.itd.vcf", "scanitd", 102, "GRCh38", 28034081, {"vaf": 50 / 427}),
        ("C_km/03H116_ITD.find_mutation.tsv", "km_find_mutation", 75, "", None, {"rvaf": 0.276}),
        ("C_km/03H116_ITD.find_report.tsv", "km_find_report", 75, "GRCh38", 28034105, {"rvaf": 0.276}),
        ("C_km/03H116_ITD.find_report.vcf", "km_vcf", 75, "GRCh38", 28034104, {"rvaf": 0.276}),
    ],
)
def test_clone(
    real_files: Path, file: str, form: str, length: int, build: str, pos: int | None, expected: dict[str, float]
) -> None:
    assert read(real_files / "files" / file).format.name == form
    [call] = calls(real_files, file)
    assert isinstance(call.finding, Itd)
    assert (call.finding.gene, call.finding.length, call.finding.build, call.finding.pos) == (
        "FLT3",
        length,
        build,
        pos,
    )
    assert levels(call) == pytest.approx(expected)


def test_two_tools_on_the_same_reads_say_the_same_clone(real_files: Path) -> None:
    [one] = calls(real_files, GETITD + HC)
    [two] = calls(real_files, "C_flt3_itd_ext/test_FLT3_ITD.vcf")
    assert isinstance(one.finding, Itd)
    assert isinstance(two.finding, Itd)
    same = ("gene", "length", "build", "chrom", "pos", "site_rule", "sequence")
    assert [getattr(one.finding, name) for name in same] == [getattr(two.finding, name) for name in same]


def test_getitd_counts(real_files: Path) -> None:
    [call] = calls(real_files, GETITD + HC)
    assert (call.counts.alt, call.counts.ref, call.counts.depth) == (1403, 634, 2037)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (GETITD + "itds_collapsed-is-same.tsv", "one of getITD's merging stages"),
        (GETITD + "itds_collapsed-is-same_is-similar.tsv", "one of getITD's merging stages"),
        (GETITD + "itds_collapsed-is-same_is-similar_is-close_is-same_trailing.tsv", "one of getITD's merging stages"),
        (GETITD + HC.replace("itds_", "insertions_"), "every insertion that getITD saw"),
        (GETITD + "config.txt", "settings and no result"),
        (GETITD + "stats.txt", r"counts 1 ITD\(s\) and does not list them"),
        ("C_rose_dt/HAMLET_test_itd.yml", "is not a file that moltrack knows"),
    ],
)
def test_refused_in_one_sentence(real_files: Path, file: str, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence):
        read(real_files / "files" / file)


@pytest.mark.parametrize(
    "file", ["02H025_NPM1.find_mutation.tsv", "02H025_NPM1.find_report.tsv", "02H025_NPM1.find_report.vcf"]
)
def test_npm1_by_km_is_type_a(real_files: Path, file: str) -> None:
    [call] = calls(real_files, f"C_km/{file}")
    assert isinstance(call.finding, SmallVariant)
    assert (call.finding.gene, call.finding.hgvs_c) == ("NPM1", "c.860_863dup")
    assert levels(call) == {"rvaf": 0.484}


@pytest.mark.parametrize(
    ("file", "gene", "level"), [("02H033_DNMT3A_sub", "DNMT3A", 0.409), ("05H094_FLT3-TKD_del", "FLT3", 0.540)]
)
def test_other_targets_of_km(real_files: Path, file: str, gene: str, level: float) -> None:
    [call] = calls(real_files, f"C_km/{file}.find_mutation.tsv")
    assert isinstance(call.finding, SmallVariant)
    assert call.finding.gene == gene
    assert levels(call) == {"rvaf": level}


def test_pindel_file_without_record_in_the_duplicated_exons(real_files: Path) -> None:
    reading = read(real_files / "files" / "C_pindel" / "SRR2980466_output_TD.vcf.gz")
    assert (reading.format.name, reading.info.build, reading.info.rows, reading.info.kept) == (
        "pindel_td",
        "GRCh38",
        34,
        0,
    )
    assert reading.records == ()


def test_tools_made_for_flt3_say_that_they_looked(real_files: Path) -> None:
    for file in (
        GETITD + HC,
        "C_flt3_itd_ext/test_FLT3_ITD.vcf",
        "C_itdseek/ITD.100.100.itdseek.vcf",
        "C_km/03H116_ITD.find_mutation.tsv",
    ):
        records = read(real_files / "files" / file).records
        assert LESIONS["FLT3"] in {record.name for record in records if isinstance(record, Coverage)}
