"""Regions of a BED, of mosdepth and of a gVCF, from the command line to the verdict."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from outcome import Outcome

Run = Callable[..., Outcome]

#: Coding exons of TP53 (NM_000546.6) on GRCh38 with their splice sites, as panels design them: BED, 0-based half-open.
TP53 = (
    (7669606, 7669692),
    (7670606, 7670717),
    (7673532, 7673610),
    (7673698, 7673839),
    (7674178, 7674292),
    (7674856, 7674973),
    (7675050, 7675238),
    (7675991, 7676274),
    (7676379, 7676405),
    (7676518, 7676596),
)
HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr17,length=83257441>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Least depth of the block">
##INFO=<ID=END,Number=1,Type=Integer,Description="Last base of the block">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	T1
"""
SAMPLE = ("--patient", "P01", "--sample", "S1", "--phase", "diagnosis", "--assay", "panel")


def tp53(run: Run) -> dict[str, str]:
    """What ELN 2017 reads of TP53: answer, observation and source."""
    shown = run("risk", "P01", "--rules", "eln2017", "--format", "json")
    assert shown.status == 0, shown.err
    said = json.loads(shown.out)
    [verdict] = said if isinstance(said, list) else [said]
    [predicate] = [item for item in verdict["predicates"] if item["name"] == "TP53"]
    [evidence] = predicate["evidence"] or [{"text": "", "origin": ""}]
    return {"answer": predicate["answer"], "text": evidence["text"], "origin": evidence["origin"]}


def table(run: Run) -> list[dict[str, Any]]:
    """The rows of the patient's table, markers that were never detected among them."""
    found: list[dict[str, Any]] = json.loads(run("table", "P01", "--hidden", "--format", "json").out)
    return found


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    """A caller found nothing."""
    path = tmp_path / "x.vcf"
    path.write_text(HEADER)
    return path


def bed(path: Path, spans: tuple[tuple[int, int], ...] = TP53, *, more: str = "") -> Path:
    text = "".join(f"chr17\t{start}\t{end}\tTP53{more}\n" for start, end in spans)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_a_bed_of_all_coding_exons_answers_for_the_gene(run: Run, vcf: Path, tmp_path: Path) -> None:
    panel = bed(tmp_path / "panel.bed")
    landed = run("ingest", vcf, "--covers", panel, "--lod", "vaf=2%", *SAMPLE)
    assert (landed.status, landed.err) == (0, "")
    assert tp53(run) == {
        "answer": "NO",
        "text": "TP53 (any pathogenic variant): not detected, DNA sequencing [panel]",
        "origin": "panel.bed",
    }
    [row] = table(run)
    assert (row["marker"], row["status"], row["lod"]) == ("TP53", "not_detected", 0.02)
    assert row["formula"] == "covered, not called: all coding exons of TP53 covered by panel.bed"


def test_a_bed_of_some_exons_leaves_it_open_and_says_why(run: Run, vcf: Path, tmp_path: Path) -> None:
    panel = bed(tmp_path / "hotspots.bed", TP53[3:7])
    assert run("ingest", vcf, "--covers", panel, "--lod", "vaf=2%", *SAMPLE).status == 0
    found = tp53(run)
    assert found["answer"] == "UNKNOWN"
    assert "not evaluable (only exons 5-8 of the 11 of TP53 covered by hotspots.bed)" in found["text"]


def test_a_known_variant_that_is_gone_names_the_line_of_the_bed(run: Run, vcf: Path, tmp_path: Path) -> None:
    """R248Q is 17:7674220 C>T on GRCh38, exon 7: the fifth region of the panel."""
    first = tmp_path / "first.vcf"
    first.write_text(HEADER + "chr17\t7674220\t.\tC\tT\t.\tPASS\t.\tGT:AD:DP\t0/1:60,40:100\n")
    panel = bed(tmp_path / "panel.bed")
    assert run("ingest", first, *SAMPLE).status == 0
    later = ("--patient", "P01", "--sample", "S2", "--assay", "panel")
    assert run("ingest", vcf, "--covers", panel, "--lod", "vaf=2%", *later).status == 0
    [row] = [item for item in table(run) if item["sample"] == "S2" and item["marker"] != "TP53"]
    assert (row["status"], row["lod"], row["file"], row["line"]) == ("not_detected", 0.02, "panel.bed", "5")


@pytest.mark.parametrize(
    ("name", "more", "answer"),
    [
        pytest.param("s.regions.bed.gz", "\t812.40", "NO", id="mosdepth regions"),
        pytest.param("s.regions.bed.gz", "\t11.20", "UNKNOWN", id="too shallow"),
    ],
)
@pytest.mark.parametrize("way", ["alone", "beside"])
def test_depth_of_regions(run: Run, vcf: Path, tmp_path: Path, name: str, more: str, answer: str, way: str) -> None:
    depth = bed(tmp_path / name, more=more)
    if way == "alone":
        assert run("ingest", depth, "--build", "GRCh38", *SAMPLE).status == 0
    else:
        assert run("ingest", vcf, "--covers", depth, *SAMPLE).status == 0
    assert tp53(run)["answer"] == answer


@pytest.mark.parametrize(("state", "answer"), [("CALLABLE", "NO"), ("LOW_COVERAGE", "UNKNOWN")])
def test_states_of_gatk(run: Run, vcf: Path, tmp_path: Path, state: str, answer: str) -> None:
    states = tmp_path / "callable.bed"
    states.write_text("".join(f"chr17\t{start}\t{end}\t{state}\n" for start, end in TP53))
    assert run("ingest", vcf, "--covers", states, *SAMPLE).status == 0
    assert tp53(run)["answer"] == answer


def test_blocks_of_a_gvcf(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "s.g.vcf"
    path.write_text(
        HEADER
        + "chr17\t7660001\t.\tA\t<NON_REF>\t.\t.\tEND=7675100\tGT:DP:MIN_DP\t0/0:90:60\n"
        + "chr17\t7675101\t.\tA\t<NON_REF>\t.\t.\tEND=7690000\tGT:DP:MIN_DP\t0/0:300:150\n"
    )
    assert run("ingest", path, *SAMPLE).status == 0
    assert (tp53(run)["answer"], tp53(run)["origin"]) == ("NO", "s.g.vcf")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param("chr17\t10\t20\nchr17\tx\t30\n", "x.bed:2: ", id="bad row"),
        pytest.param(HEADER, "x.bed: is of the format vcf. --covers takes a BED or a depth file", id="a VCF"),
    ],
)
def test_a_file_that_is_no_bed_is_refused(run: Run, vcf: Path, tmp_path: Path, rows: str, said: str) -> None:
    path = tmp_path / "x.bed"
    path.write_text(rows)
    refused = run("ingest", vcf, "--covers", path, *SAMPLE)
    assert refused.status == 1
    assert said in refused.err


def test_another_bed_of_the_same_name_is_another_reading(run: Run, vcf: Path, tmp_path: Path) -> None:
    panel = bed(tmp_path / "panel.bed")
    assert run("ingest", vcf, "--covers", panel, *SAMPLE).status == 0
    assert "nothing changed" in run("ingest", vcf, "--covers", panel, *SAMPLE).out
    bed(panel, TP53[:5])
    assert run("ingest", vcf, "--covers", panel, *SAMPLE).status == 1
