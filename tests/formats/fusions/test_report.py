"""fusion-report: the callers of one run side by side."""

from __future__ import annotations

from decimal import Decimal

import pytest

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import Breakpoint, Printed, Result

CSV = (
    "Fusion,Databases,Fusion Indication Index (FII),Explained FII,arriba,fusioncatcher,squid,starfusion",
    'CBFB--MYH11,"Mitelman,COSMIC",0.9,text,"position: 16:67082309#16:15721050,reading-frame: in-frame,type: deletion/read-through,'
    'split_reads1: 5,split_reads2: 6,discordant_mates: 2,coverage1: 40,coverage2: 41,confidence: high",'
    '"position: 16:67082309:+#16:15721050:-,common_mapping_reads: 3,spanning_pairs: 8,spanning_unique_reads: 0,fusion_type: in-frame",'
    '"position: 16:67082200-67082309:+#16:15721049-15721100:-,score: 9",'
    '"position: 16:67082309:+#16:15721050:-,junction_reads: 17,spanning_reads: 8,ffmp: 1.25"',
)
JSON = (
    '[{"Fusion":"CBFB--MYH11","Databases":["Mitelman"],"Score":0.9,"starfusion":{"position":"16:67082309:+#16:15721050:-",'
    '"junction_reads":17,"spanning_reads":8,"ffmp":1.25},"pizzly":{"pair_count":0,"split_count":0}}]'
)


def test_each_caller_of_a_row_is_a_call_of_its_own(write):
    reading = formats.read(write("fusions.csv", *CSV))
    assert [(c.caller, c.counts.junction_reads, c.counts.spanning_reads) for c in reading.records] == [
        ("arriba", 11, 2),
        ("fusioncatcher", 0, 8),
        ("squid", 9, None),
        ("starfusion", 17, 8),
    ]
    assert "best row of each caller" in reading.info.notes[0]


def test_each_caller_is_an_assay_of_its_own(write):
    assays = [call.assay for call in formats.read(write("fusions.csv", *CSV)).records]
    assert assays == [
        "fusion-report:arriba",
        "fusion-report:fusioncatcher",
        "fusion-report:squid",
        "fusion-report:starfusion",
    ]


def test_misspelled_ffpm_is_ffpm(write):
    call = formats.read(write("fusions.csv", *CSV)).records[3]
    assert call.levels[1] == Printed("ffpm", Decimal("1.25"), "FFPM", "1.25")


def test_squid_interval_breaks_at_the_end_of_plus_and_the_start_of_minus(write):
    squid = formats.read(write("fusions.csv", *CSV)).records[2].finding
    assert (squid.breakpoint5, squid.breakpoint3) == (Breakpoint("16", 67082309, "+"), Breakpoint("16", 15721050, "-"))
    assert squid.ordered


def test_reads_common_to_both_genes_are_noted(write):
    call = formats.read(write("fusions.csv", *CSV)).records[1]
    assert call.notes == ("3 reads map to both genes: likely an artefact of homology",)


def test_json_says_the_same_as_csv_and_zero_reads_are_no_detection(write):
    star, pizzly = formats.read(write("fusions.json", JSON)).records
    assert (star.caller, star.counts.junction_reads, star.levels[1].value) == ("starfusion", 17, Decimal("1.25"))
    assert pizzly.result is Result.NEGATIVE


def test_list_of_names_has_no_level(write):
    reading = formats.read(write("fusion_list.tsv", "CBFB--MYH11", "PML--RARA"))
    assert [(c.finding.gene5, c.result, c.levels, c.line) for c in reading.records] == [
        ("CBFB", Result.POSITIVE, (), 1),
        ("PML", Result.POSITIVE, (), 2),
    ]


def test_counts_for_a_plot_are_refused(write):
    path = write(
        "fusion_genes_mqc.json", '{"id": "fusion_genes", "plot_type": "bargraph", "data": {"s": {"Mitelman": 14}}}'
    )
    with pytest.raises(FormatError, match="counts fusions for a plot and names none"):
        formats.read(path)


def test_a_count_that_is_no_number_refuses_that_caller_alone(write):
    reading = formats.read(write("fusions.csv", CSV[0], CSV[1].replace("score: 9", "score: nine")))
    assert len(reading.records) == 3
    assert (reading.refused[0].line, reading.refused[0].reason) == (2, "'nine' is not a number of reads.")
