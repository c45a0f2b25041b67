"""HAMLET's JSON report."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import Breakpoint, Itd, Result

EVENT = {
    "gene1": "BCR", "gene2": "ABL1", "gene_id1": "ENSG00000186716", "gene_id2": None, "strand1(gene/fusion)": "+/+", "strand2(gene/fusion)": "+/+",
    "breakpoint1": "chr22:23290413", "breakpoint2": "chr9:130854064", "split_reads1": 2, "split_reads2": 3, "discordant_mates": 1,
    "confidence": "high", "reading_frame": "in-frame", "type": "translocation", "filters": None,
}  # fmt: skip
TANDEM = {
    "td_starts": [1853],
    "td_ends": [1882],
    "rose_start_count": 574,
    "rose_end_count": 1110,
    "boundary_type": "exact",
    "fuzziness": 0,
}
VARIANT = {
    "FORMAT": {"AD": "23", "RD": "2", "DP": "26", "FREQ": "92%"},
    "input": "chr13\t28018505\t.\tC\tA\t.\tPASS\tADP=26\tGT\t0/1",
    "assembly_name": "GRCh38",
    "transcript_consequences": [
        {
            "transcript_id": "ENST1",
            "hgvsc": "ENST1.2:c.2503G>T",
            "hgvsp": "ENSP1.2:p.Asp835Tyr",
            "consequence_terms": ["missense_variant"],
        }
    ],
}


def report(**modules: object) -> str:
    return json.dumps({"metadata": {"sample_name": "S1", "pipeline_version": "v2"}, "modules": modules}, indent=1)


def test_fusion_events_carry_the_columns_of_arriba(write):
    reading = formats.read(write("report.json", report(fusion={"events": [EVENT]})))
    [call] = reading.records
    assert (call.finding.gene5, call.finding.gene5_id, call.finding.breakpoint3) == (
        "BCR",
        "ENSG00000186716",
        Breakpoint("9", 130854064, "+"),
    )
    assert (call.counts.junction_reads, call.counts.spanning_reads, call.sample, call.caller) == (5, 1, "S1", "arriba")
    assert reading.info.tool_version == "v2"


def test_a_tandem_duplication_has_its_length_in_the_transcript(write):
    # 1882 - 1853 + 1 = 30 bases
    [call] = formats.read(write("r.json", report(itd={"flt3": {"table": [TANDEM]}}))).records
    assert call.finding == Itd("FLT3", length=30, in_frame=True)
    assert call.levels[0].text == "574+1110"


def test_fuzzy_boundaries_of_equal_shift_have_one_length(write):
    # 4106 - 453 + 1 = 4110 - 457 + 1 = 3654
    row = TANDEM | {"td_starts": [453, 457], "td_ends": [4106, 4110]}
    [call] = formats.read(write("r.json", report(itd={"kmt2a": {"table": [row]}}))).records
    assert (call.finding.gene, call.finding.length) == ("KMT2A", 3654)


def test_a_length_that_is_not_settled_stays_unknown(write):
    [call] = formats.read(
        write("r.json", report(itd={"flt3": {"table": [TANDEM | {"td_ends": [1881, 1882]}]}}))
    ).records
    assert call.finding.length is None
    assert call.notes[1] == "length 29 or 30 bp: the boundary is fuzzy"


def test_small_variants_are_in_percent_of_both_alleles(write):
    # 23 / (2 + 23) = 92 %
    [call] = formats.read(write("r.json", report(snv_indels={"genes": {"FLT3": [VARIANT]}}))).records
    assert (call.finding.pos, call.finding.hgvs_c, call.finding.hgvs_p) == (28018505, "c.2503G>T", "p.Asp835Tyr")
    assert (call.levels[0].text, call.levels[0].unit, call.counts.alt, call.counts.depth) == ("92%", "%", 23, 25)


def test_genes_outside_the_set_are_counted_not_kept(write):
    reading = formats.read(write("r.json", report(snv_indels={"genes": {"MT-ATP6": [VARIANT]}})))
    assert reading.records == ()
    assert reading.info.notes == ("1 small variants outside the kept genes are left out",)


def test_an_unreadable_entry_is_refused_and_the_rest_is_read(write):
    reading = formats.read(write("r.json", report(fusion={"events": [EVENT | {"split_reads1": "many"}, EVENT]})))
    assert (len(reading.records), len(reading.refused)) == (1, 1)
    assert reading.records[0].result is Result.POSITIVE


def test_json_cut_short_is_one_sentence(write):
    with pytest.raises(FormatError, match=r"^r\.json: is not readable JSON"):
        formats.read(write("r.json", report(fusion={"events": [EVENT]})[:200]))


def nodes(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Paths to everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return (
        [path, *(found for key, part in inside for found in nodes(part, (*path, key)))]
        if path
        else [found for key, part in inside for found in nodes(part, (key,))]
    )


WHOLE = report(fusion={"events": [EVENT]}, itd={"flt3": {"table": [TANDEM]}}, snv_indels={"genes": {"FLT3": [VARIANT]}})


@given(
    st.sampled_from(nodes(json.loads(WHOLE))),
    st.sampled_from([None, 5, "x", [], {}, [1], {"a": 1}, True, -1, "1\t2", ""]),
)
def test_a_damaged_report_is_read_refused_or_one_sentence(tmp_path_factory, path, junk):
    damaged = json.loads(WHOLE)
    place = damaged
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = junk
    file = tmp_path_factory.mktemp("hamlet") / "r.json"
    file.write_text(json.dumps(damaged))
    try:
        formats.read(file, formats.ReadOptions(input_format="hamlet", genes="all"))
    except FormatError as error:
        assert str(error).startswith("r.json")
