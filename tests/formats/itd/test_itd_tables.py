"""rose-dt, the AML-SG table, FiLT3r and peaks of fragment analysis."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.model import Call, Coverage, Itd, Printed, Result, Technique

Write = Callable[..., Path]
ROSE = "td_starts\ttd_ends\trose_start_count\trose_end_count\trose_start_pos\trose_start_anchor_pos\trose_end_pos\trose_end_anchor_pos\tboundary_type\tfuzziness"


def calls(path: Path) -> list[Call]:
    return [record for record in read(path).records if isinstance(record, Call)]


# Rows of HAMLET's test expectations for rose-dt
@pytest.mark.parametrize(
    ("name", "row", "gene", "length"),
    [
        ("s.flt3.csv", "1853\t1882\t578\t1126\t1852\t1882\t1883\t1853\texact\t0", "FLT3", 30),
        ("s.flt3.csv", "1853\t1881,1882\t578\t4\t1852\t1882\t1882\t1853\tfuzzy-end\t1", "FLT3", None),
        ("s.kmt2a.csv", "453,457\t4106,4110\t43\t25\t452\t4106\t4111\t457\tfuzzy\t4", "KMT2A", 3654),
    ],
)
def test_rose_dt_length_where_its_boundaries_settle_it(
    write: Write, name: str, row: str, gene: str, length: int | None
) -> None:
    [call] = calls(write(name, ROSE, row))
    assert isinstance(call.finding, Itd)
    assert (call.finding.gene, call.finding.length, call.result, call.levels) == (gene, length, Result.POSITIVE, ())


def test_rose_dt_header_alone_looked_at_its_gene(write: Write) -> None:
    [record] = read(write("s.kmt2a.csv", ROSE)).records
    assert isinstance(record, Coverage)
    assert record.name == "KMT2A_PTD"


def test_rose_dt_without_its_name_is_refused(write: Write) -> None:
    with pytest.raises(FormatError, match="does not say which gene it is of"):
        read(write("table.csv", ROSE))


AMLSG = "Sample,FLT3_ITD_status,Read_count,Insertion_pt,Length,Inserted_sequence,Microhomology,NTS,Num_ITDs,Second_ITD,Coverage"


def test_amlsg_sample_with_two_clones(write: Write) -> None:
    row = "S1,ITD,100,13:28608309,6,ACTCCC,.,.,2,21___13:28608276___3___TAC___.___.,400"
    first, second = calls(write("t.csv", AMLSG, row))
    assert first.finding == Itd(
        "FLT3",
        length=6,
        build="GRCh37",
        chrom="13",
        pos=28608309,
        site_rule="insertion",
        sequence="ACTCCC",
        in_frame=True,
    )
    assert first.levels == (Printed("vaf", Decimal("0.25"), "fraction", "100/400"),)
    assert isinstance(second.finding, Itd)
    assert (second.finding.pos, second.finding.length, second.levels[0].text) == (28608276, 3, "21/400")


def test_amlsg_negative_sample(write: Write) -> None:
    [call] = calls(write("t.csv", AMLSG, "S1,No_ITD,,,,,,,,,400"))
    assert (call.finding, call.result, call.counts.depth) == (Itd("FLT3", aggregate=True), Result.NEGATIVE, 400)


def test_amlsg_other_status_is_refused(write: Write) -> None:
    with pytest.raises(FormatError, match="expected ITD or No_ITD"):
        read(write("t.csv", AMLSG, "S1,perhaps,,,,,,,,,400"))


EVENT = {
    "size": 21,
    "occurrence": 100,
    "region_coverage": 400,
    "wt_coverage": 300,
    "is_duplication": True,
    "is_wt_duplication": True,
    "sequence": "ACT",
    "reference_pos": "13:28034120:-1",
}


def filt3r(write: Write, *events: dict[str, object], reads: int = 1000) -> Path:
    return write("r.json", json.dumps({"nb_total": 2000, "nb_filtered": reads, "percentage": 10, "details": events}))


def test_filt3r_levels_have_their_own_denominators(write: Write) -> None:
    [call] = calls(filt3r(write, EVENT))
    assert [(level.quantity, level.text) for level in call.levels] == [("vaf", "100/400"), ("allelic_ratio", "100/300")]
    assert isinstance(call.finding, Itd)
    assert (call.finding.length, call.finding.build, call.finding.sequence) == (21, "GRCh38", "AGT")
    assert call.notes == ("unverified: read by the documentation of the format",)


def test_filt3r_keeps_duplications_only(write: Write) -> None:
    reading = read(filt3r(write, EVENT, {**EVENT, "is_duplication": False}))
    assert (reading.info.rows, reading.info.kept) == (2, 1)


def test_filt3r_without_reads_is_not_evaluable(write: Write) -> None:
    [record] = read(filt3r(write, reads=0)).records
    assert isinstance(record, Coverage)
    assert record.evaluable is False


def test_filt3r_wrong_number_is_refused(write: Write) -> None:
    with pytest.raises(FormatError, match="event 1: occurrence holds 'many'"):
        read(filt3r(write, {**EVENT, "occurrence": "many"}))


PEAKS = '"Dye/Sample Peak"\tSample File Name\tMarker\tAllele\tSize\tHeight\tArea\tData Point'


def test_peaks_against_the_wild_type(write: Write) -> None:
    rows = (
        '"B,1"\tS1.fsa\t\tOL\t329.1\t9000\t40000\t4000',
        '"B,2"\tS1.fsa\t\tOL\t365.2\t6000\t24800\t4300',
        '"R,1"\tS1.fsa\t\t\t350\t500\t3000\t4200',
    )
    [call] = calls(write("peaks.txt", PEAKS, *rows))
    # 365.2 - 329.1 = 36.1 bp; 24800 / 40000 = 0.62; the red dye is the size standard
    assert call.finding == Itd("FLT3", length=36, in_frame=True)
    assert (call.levels[0].value, call.technique) == (Decimal("0.62"), Technique.FRAGMENT_ANALYSIS)


def test_wild_type_peak_alone_is_a_run_that_found_nothing(write: Write) -> None:
    [record] = read(write("peaks.txt", PEAKS, '"B,1"\tS1.fsa\t\t\t329.1\t9000\t40000\t4000')).records
    assert isinstance(record, Coverage)
    assert (record.name, record.evaluable) == ("FLT3_ITD", True)


def test_peaks_without_wild_type_are_refused(write: Write) -> None:
    [refused] = read(write("peaks.txt", PEAKS, '"B,1"\tS1.fsa\t\t\t250\t9000\t40000\t4000')).refused
    assert "no wild-type peak from 326 to 332 bp" in refused.reason
