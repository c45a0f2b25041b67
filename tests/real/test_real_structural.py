"""Structural variant callers' own files: spot values by row.

Each value was taken from the record itself; the level is written as the ratio of the counts in the tumour's column.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import Change, CopyNumber, Result, StructuralVariant


@pytest.fixture
def files(real_files: Path) -> Path:
    return real_files / "files"


MANTA = "A_sv_manta/scout_manta_vep94_cancer.vcf.gz"
DRAGEN = "A_sv_dragen/ngsbits_MantaVcfFix_in2.vcf"
ESVEE = "A_sv_esvee/hmf_TUMOR_SAMPLE.purple.sv.vcf.gz"
GRIDSS = "A_sv_gridss/Viola_test.gridss.vcf"
LUMPY = "A_sv_lumpy/Viola_test.lumpy.vcf"
SNIFFLES = "A_sv_sniffles2/ngsbits_SnifflesVcfFix_in1.vcf"
MERGED = "A_sv_merged/scout_tumor_only.SV.CNV.sorted.vcf.gz"

#: file, line, type, side 1, side 2, alternative reads, level, split reads, pairs, filters
SPOTS = [
    (MANTA, 134, "DUP", "1:2428517:-", "1:3626065:+", 8 + 9, (17, 80), 9, 8, ()),
    (MANTA, 135, "BND", "1:2440844:-", "10:99665147:-", 6 + 5, (11, 79), 5, 6, ()),
    (MANTA, 136, "BND", "1:2454152:+", "11:71948040:+", 5 + 7, (12, 88), 7, 5, ()),
    (MANTA, 137, "INV", "1:2464430:+", "1:36688864:+", 1 + 4, (5, 81), 4, 1, ("MinSomaticScore",)),
    (MANTA, 139, "BND", "20:4099522:+", "11:123188906:+", 5, (5, 22), None, 5, ("MinSomaticScore",)),
    (MANTA, 145, "BND", "X:13303049:-", "7:100435015:-", 10 + 9, (19, 129), 9, 10, ()),
    (DRAGEN, 73, "DEL", "1:7862985:+", "1:7863056:-", 0 + 11, (11, 45), 11, 0, ()),
    (DRAGEN, 74, "INV", "1:7974891:-", "1:179681965:-", 0 + 13, (13, 73), 13, 0, ("MinQUAL", "NoPairSupport")),
    (DRAGEN, 92, "DEL", "4:3609901:+", "4:3609972:-", 0 + 9, (9, 9), 9, 0, ()),
    (ESVEE, 519, "DEL", "7:140546685:+", "7:140547113:-", 7, (7, 390), 7, 0, ("PON",)),
    (ESVEE, 630, "DEL", "10:89700299:+", "10:89712341:-", 115, (115, 117), 75, 40, ()),
    (ESVEE, 710, "DEL", "13:24055062:+", "13:49362059:-", 11, (11, 197), 11, 0, None),
    (GRIDSS, 139, "BND", "10:76357447:+", "12:24702636:-", 6, (6, 6 + 73 + 2), None, None, ()),
    (GRIDSS, 142, "INS", "10:102841781:+", "10:102841782:-", 9, (9, 9 + 51 + 5), None, None, ()),
    (GRIDSS, 145, "DUP", "15:26923430:-", "15:63986823:+", 41, (41, 41 + 79 + 1), None, None, ()),
    (GRIDSS, 147, "INV", "15:63184301:+", "15:64186262:+", 48, (48, 48 + 67 + 0), None, None, ()),
    (LUMPY, 35, "DEL", "10:121422696:+", "10:121422718:-", 8, None, 8, 0, ()),
    (LUMPY, 36, "INV", "14:45812810:-", "14:65332314:-", 10, None, 10, 0, ()),
    (LUMPY, 38, "DUP", "15:60882466:-", "15:63982242:+", 41, None, 22, 19, ()),
    (SNIFFLES, 65, "DEL", "1:10376:+", "1:10444:-", 4, (4, 21), 4, None, ("GT",)),
    (SNIFFLES, 69, "INS", "1:181146:+", "1:181147:-", 212, (212, 216), 212, None, ()),
    (SNIFFLES, 112, "INS", "1:1284171:+", "1:1284172:-", 17, (17, 40), 17, None, ()),
    (MERGED, 67, "BND", "1:7489720:+", "20:59912352:-", 8, (8, 36), None, None, ()),
    (MERGED, 68, "DEL", "4:49112195:+", "4:49112340:-", 0, (0, 1), 0, 0, ()),
    (MERGED, 70, "DEL", "4:88536148:+", "4:88536221:-", 2, (2, 2), 2, 0, ()),
]  # fmt: skip


@pytest.mark.parametrize("spot", SPOTS, ids=[f"{Path(spot[0]).parent.name}-{spot[1]}" for spot in SPOTS])
def test_a_record_has_its_sides_and_reads(files, spot):
    name, line, kind, side1, side2, alt, ratio, split, pairs, filters = spot
    options = formats.ReadOptions(genes="all", tumor_sample="999-99" if name == MANTA else "")
    [call] = [call for call in formats.read(files / name, options).records if call.line == line]
    finding = call.finding
    assert isinstance(finding, StructuralVariant)
    assert (finding.sv_type, [f"{s.chrom}:{s.pos}:{s.strand}" for s in (finding.side1, finding.side2)]) == (
        kind,
        [side1, side2],
    )
    assert (call.counts.alt, call.counts.junction_reads, call.counts.spanning_reads) == (alt, split, pairs)
    assert call.result is (Result.POSITIVE if alt else Result.NEGATIVE)
    if ratio:
        assert float(call.levels[0].value) == pytest.approx(ratio[0] / ratio[1], abs=1e-6)
    else:
        assert call.levels == ()
    if filters is not None:
        assert call.filters == filters


#: file, tool, version, build, tumour column, calls, mates, single breakends (counted with grep on MATEID and ALT)
FILES = [
    (MANTA, "manta", "1.3.0", "GRCh37", "999-99", 15, 0, 0),
    (DRAGEN, "dragen_sv", "4.2.4", "GRCh38", "NA24385_03", 49 - 3 - 2, 3, 0),
    (ESVEE, "esvee", "1.0.2", "GRCh37", "COLO829v003T", 448, 448, 20),
    (GRIDSS, "gridss", "2.10.2", "", "mouse01_T", 6, 6, 0),
    (LUMPY, "lumpy", "", "", "1T", 4, 1, 0),
    (SNIFFLES, "sniffles2", "2.4", "GRCh38", "23014LRa028_01", 48, 0, 0),
    (MERGED, "manta+cnvkit", "", "GRCh37", "TUMOR", 35, 0, 0),
]


@pytest.mark.parametrize("row", FILES, ids=[Path(row[0]).parent.name for row in FILES])
def test_each_junction_of_a_file_is_one_call(files, row):
    name, tool, version, build, tumor, calls, mates, singles = row
    reading = formats.read(
        files / name, formats.ReadOptions(genes="all", tumor_sample="999-99" if name == MANTA else "")
    )
    info = reading.info
    assert (reading.format.name, info.tool, info.tool_version, info.build, info.tumor_sample) == (
        "sv_vcf",
        tool,
        version,
        build,
        tumor,
    )
    assert len(reading.records) == calls
    assert any(f"{mates} records are the mates" in note for note in info.notes) is bool(mates)
    assert any(f"{singles} breakends without" in note for note in info.notes) is bool(singles)


def test_every_file_is_covered_with_three_rows(files):
    there = {f"{path.parent.name}/{path.name}" for path in files.glob("A_sv_*/*")}
    assert there == {row[0] for row in FILES} == {spot[0] for spot in SPOTS}
    assert min(Counter(spot[0] for spot in SPOTS).values()) >= 3


def test_records_without_a_reference_base_are_refused(files):
    refused = formats.read(files / DRAGEN, formats.ReadOptions(genes="all")).refused
    assert [(r.line, r.reason) for r in refused] == [
        (82, "REF holds '', expected bases."),
        (121, "REF holds '', expected bases."),
    ]


@pytest.mark.parametrize(
    ("line", "change", "start", "end", "total", "log2"),
    [
        (66, Change.LOSS, 2684720, 6314532, None, -0.707907),
        (73, Change.GAIN, 60500, 58745455, 3.0, 0.472248),
        (82, Change.GAIN, 89715990, 89792431, 4.0, 0.831699),
    ],
)
def test_segments_of_a_merged_file_are_copy_number(files, line, change, start, end, total, log2):
    [call] = [call for call in formats.read(files / MERGED).records if call.line == line]
    assert isinstance(call.finding, CopyNumber)
    found = call.finding
    assert (found.change, found.start, found.end, found.total, found.log2, call.caller) == (
        change,
        start,
        end,
        total,
        log2,
        "cnvkit",
    )


def test_the_myeloid_genes_keep_braf_and_pten_of_colo829(files):
    reading = formats.read(files / ESVEE)
    kept = {(call.line, call.finding.gene1, call.finding.gene2) for call in reading.records}
    assert {(519, "BRAF", "BRAF"), (630, "PTEN", "PTEN")} <= kept


def test_a_pair_of_unnamed_columns_asks_for_the_tumour(files):
    with pytest.raises(FormatError, match=r"998-99, 999-99\) and does not say which is the tumour"):
        formats.read(files / MANTA)


@pytest.mark.parametrize("name", [GRIDSS, LUMPY])
def test_a_file_without_a_human_build_asks_for_it(files, name):
    with pytest.raises(FormatError, match="does not say its genome build"):
        formats.read(files / name)
