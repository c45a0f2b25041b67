"""Copy-number files of real tools; the expected values were read off the files by eye, at the lines named."""

from __future__ import annotations

from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import ReadOptions, read
from moltrack.model import Call, CopyNumber, Measured


def found(real_files: Path, name: str, **options: str) -> dict[int, list[tuple[Call, CopyNumber]]]:
    reading = read(real_files / "files" / name, ReadOptions(**options))  # type: ignore[arg-type]
    by_line: dict[int, list[tuple[Call, CopyNumber]]] = {}
    for record in reading.records:
        if isinstance(record, Call) and isinstance(record.finding, CopyNumber):
            by_line.setdefault(record.line, []).append((record, record.finding))
    return by_line


VALUES = [
    # file, build given, line, change, chromosome, start (0-based), end, field, value
    ("D_ascat/oncoscanR_ascat_example.txt", "", 3, "gain", "1", 144009052, 249212878, "total", 3.0),
    ("D_battenberg/SigProfiler_Battenberg_test.tsv", "", 2, "amplification", "12", 21087077, 22042871, "total", 12.0),
    ("D_battenberg/SigProfiler_Battenberg_test.tsv", "", 4, "cnloh", "15", 17010902, 43755490, "total", 2.0),
    ("D_battenberg/SigProfiler_Battenberg_test.tsv", "", 6, "gain", "19", 3990292, 29664120, "minor", 1.0),
    ("D_chas/chas_example.txt", "", 2, "gain", "7", 129199326, 129813738, "total", 8.0),
    ("D_chas/chas_example.txt", "", 5, "loss", "20", 15448090, 15486918, "total", 1.0),
    ("D_chas/chas_example-noFullLocation.txt", "", 6, "loss", "20", 34672921, 34987833, "total", 1.0),
    ("D_chas/chas_example-withChr.txt", "", 3, "gain", "7", 55219157, 55234238, "total", 7.0),
    ("D_chas/chas_example-withSeparators.txt", "", 4, "gain", "7", 116328030, 116351185, "total", 3.0),
    ("D_chas/triploide_gene_list_full_location.txt", "", 2, "gain", "20", 29519154, 62912463, "total", 6.0),
    ("D_clincnv/ngsbits_DNA123456_cnvs.seg", "", 5, "loss", "10", 0, 39655287, "total", 1.35),
    ("D_cnvkit/cl_seq.cns", "", 2, "gain", "1", 227917, 727139, "log2", 1.55596),
    ("D_cnvkit/cl_seq.cns", "", 4, "loss", "1", 98844081, 119288341, "log2", -0.396247),
    ("D_cnvkit/p2-9_2.call.cns", "", 2, "loss", "1", 464423, 3003530, "total", 1.0),
    ("D_cnvkit/tr95t.segmetrics.cns", "", 5, "loss", "1", 18617471, 21479562, "log2", -0.407045),
    (
        "D_purple/hmf_orange_tumor_sample.purple.cnv.somatic.tsv",
        "",
        3,
        "cnloh",
        "1",
        87337011,
        118516186,
        "minor",
        0.0,
    ),  # 2.0076 copies, none of the minor allele
    ("D_seg/PureCN_issue192_tumor.seg", "GRCh37", 4, "loss", "1", 81495026, 136720674, "log2", -0.648407),
    ("D_seg/cnvkit_warning.seg", "GRCh37", 6, "loss", "1", 142043, 154248, "log2", -0.440204366407358),
    ("D_seg/maftools_TCGA.AB.3009.hg19.seg.txt", "", 2, "loss", "1", 61734, 86341, "log2", -0.683),
    ("D_seg/maftools_TCGA.AB.3009.hg19.seg.txt", "", 3, "gain", "1", 98587, 3166089, "log2", 0.3069),
]


@pytest.mark.parametrize(("name", "build", "line", "change", "chrom", "start", "end", "field", "value"), VALUES)
def test_values(
    real_files: Path,
    name: str,
    build: str,
    line: int,
    change: str,
    chrom: str,
    start: int,
    end: int,
    field: str,
    value: float,
) -> None:
    _, finding = found(real_files, name, build=build)[line][0]
    assert (finding.change, finding.chrom, finding.start, finding.end, getattr(finding, field)) == (
        change,
        chrom,
        start,
        end,
        value,
    )


def test_log10_segments_with_their_unit(real_files: Path) -> None:
    # line 5: -0.3234 as log10 is -0.3234 / 0.30103 = -1.0743 as log2
    _, finding = found(real_files, "D_seg/cnvkit_acgh-log10.seg", unit="log10")[5][0]
    assert finding.log2 == pytest.approx(-1.0743, abs=1e-3)


def test_gatk_segments_take_sample_and_build_from_the_header(real_files: Path) -> None:
    reading = read(real_files / "files/D_gatk/PureCN_example_gatk4_modelfinal.seg.gz")
    assert (reading.info.build, reading.info.samples, reading.info.rows) == ("GRCh38", ("Sample1",), 23)


def test_clincnv_calls(real_files: Path) -> None:
    path = real_files / "files/D_clincnv/ngsbits_somatic_cnvs_clincnv.tsv"
    with pytest.raises(FormatError, match="does not state its genome build"):
        read(path)
    assert read(path, ReadOptions(build="GRCh37")).info.tool_version == "1.16.1"


def test_segments_without_positions_are_refused(real_files: Path) -> None:
    with pytest.raises(FormatError, match="has no usable segment"):
        read(real_files / "files/D_seg/PureCN_buggy_cnvkit.seg.gz")


@pytest.mark.parametrize(
    ("name", "purity", "ploidy"),
    [
        ("D_purple/hmf_orange_tumor_sample.purple.purity.tsv", "0.9900", "3.1000"),
        ("D_purecn/BALSAMIC_purecn.purity.csv", "0.64", "4.52136051294267"),
        ("D_ascat/BALSAMIC_ascat.samplestatistics.txt", "0.55", "2.69005206950459"),
    ],
)
def test_purity_and_ploidy(real_files: Path, name: str, purity: str, ploidy: str) -> None:
    records = read(real_files / "files" / name).records
    values = {
        r.finding.name: r.levels[0].text for r in records if isinstance(r, Call) and isinstance(r.finding, Measured)
    }
    assert values == {"tumour purity": purity, "tumour ploidy": ploidy}


def test_empty_chas_table_is_a_run_without_segments(real_files: Path) -> None:
    assert read(real_files / "files/D_chas/chas_example-empty.txt").info.header_only
