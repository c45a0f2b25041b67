"""The clones of a patient: order of first detection, markers that move together, cells behind a VAF, pooled levels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.build import NPM1, missed, patient, reads, sample, seen
from moltrack.analysis import build_axis, build_series
from moltrack.analysis.clones import clones_of
from moltrack.model import Marker, MarkerKind, PatientInfo, Tissue

IDH2 = Marker("IDH2", MarkerKind.SMALL_VARIANT, "IDH2 R140Q", ("IDH2",))
TP53 = Marker("TP53", MarkerKind.SMALL_VARIANT, "TP53 R175H", ("TP53",))
LOSS = Marker("loss", MarkerKind.COPY_NUMBER, "TP53 deletion", ("TP53",))
BCOR = Marker("BCOR", MarkerKind.SMALL_VARIANT, "BCOR N1459S", ("BCOR",))
DAYS = (0, 30, 60)


def clones(items, markers, sex=""):
    records = patient([sample(f"d{day}", day) for day in DAYS], items, markers=markers)
    records = replace(records, patient=PatientInfo("P01", sex=sex))
    axis = build_axis(records)
    return clones_of(records, axis, build_series(records, axis))


def course(marker: Marker, *vafs: float):
    return [
        seen(f"d{day}", vaf, marker=marker.id, counts=reads(round(vaf * 5000), 5000))
        for day, vaf in zip(DAYS, vafs, strict=True)
    ]


def test_markers_stand_in_the_order_of_their_first_detection():
    late = [missed("d0", 0.001, marker="IDH2"), seen("d30", 0.2, marker="IDH2")]
    found = clones([*late, *course(NPM1, 0.4, 0.1, 0.02)], [IDH2, NPM1])
    assert [(one.marker, one.first_sample, one.first) for one in found.markers] == [
        ("NPM1", "d0", "present"),
        ("IDH2", "d30", "emerging"),
    ]


def test_parallel_markers_share_a_group_and_others_have_none():
    found = clones(
        [*course(NPM1, 0.4, 0.1, 0.02), *course(IDH2, 0.36, 0.09, 0.018), *course(TP53, 0.1, 0.2, 0.4)],
        [NPM1, IDH2, TP53],
    )
    assert {one.marker: one.group for one in found.markers} == {"NPM1": 1, "IDH2": 1, "TP53": 0}
    assert found.reason == ""


def test_two_samples_are_too_few_for_groups():
    items = [seen("d0", 0.4), seen("d30", 0.1), seen("d0", 0.3, marker="IDH2"), seen("d30", 0.1, marker="IDH2")]
    assert clones(items, [NPM1, IDH2]).reason == "no two markers have 3 measured samples"


def test_cells_of_a_vaf_by_zygosity():
    # v = 0.2: 2 v = 0.4; v = 0.2; 2 v / (1 + v) = 0.333; 2 v / (1 - v) = 0.5; 2 v / (2 - v) = 0.222.
    [found] = clones([seen("d0", 0.2)], [NPM1]).markers
    assert [round(share.share, 3) for share in found.shares] == [0.4, 0.2, 0.333, 0.5, 0.222]


def test_a_way_that_cannot_give_the_vaf_has_no_share():
    [found] = clones([seen("d0", 0.6)], [NPM1]).markers
    assert found.shares[0].share is None


@pytest.mark.parametrize(("sex", "ways"), [pytest.param("male", 1, id="male"), pytest.param("female", 5, id="female")])
def test_a_male_has_one_copy_of_x(sex, ways):
    [found] = clones([seen("d0", 0.6, marker="BCOR")], [BCOR], sex).markers
    assert len(found.shares) == ways
    assert sex == "female" or found.shares[0].share == pytest.approx(0.6)


def test_a_loss_of_the_same_gene_is_said():
    items = [seen("d0", 0.4, marker="TP53"), seen("d0", 0.7, marker="loss", quantity="cell_fraction")]
    found = clones(items, [TP53, LOSS]).markers
    assert next(one for one in found if one.marker == "TP53").note == "found at the same gene: TP53 deletion"


def test_a_panel_of_two_variants_has_pooled_levels():
    found = clones([*course(NPM1, 0.4, 0.1, 0.02), *course(IDH2, 0.2, 0.1, 0.02)], [NPM1, IDH2]).pooled
    assert [(one.sample, one.level, one.tissue) for one in found] == [
        ("d0", pytest.approx(0.3), Tissue.BM),
        ("d30", pytest.approx(0.1), Tissue.BM),
        ("d60", pytest.approx(0.02), Tissue.BM),
    ]


def test_what_came_later_and_clonal_haematopoiesis_are_not_pooled():
    dnmt3a = Marker("DNMT3A", MarkerKind.SMALL_VARIANT, "DNMT3A R882H", ("DNMT3A",))
    late = [missed("d0", 0.001, marker="TP53"), seen("d60", 0.3, marker="TP53", counts=reads(300, 1000))]
    items = [*course(NPM1, 0.4, 0.1, 0.02), *course(IDH2, 0.2, 0.1, 0.02), *course(dnmt3a, 0.4, 0.4, 0.4), *late]
    found = clones(items, [NPM1, IDH2, TP53, dnmt3a]).pooled
    assert {label for one in found for label in one.tested} == {"NPM1 W288fs", "IDH2 R140Q"}


def test_one_variant_is_not_pooled():
    assert clones(course(NPM1, 0.4, 0.1, 0.02), [NPM1]).pooled == ()


def test_a_karyotype_as_a_whole_and_a_normal_one_are_no_clones():
    whole = Marker("karyotype", MarkerKind.KARYOTYPE_EVENT, "karyotype")
    normal = Marker("normal karyotype", MarkerKind.KARYOTYPE_EVENT, "normal karyotype", lesions=("normal_karyotype",))
    items = [seen("d0", 0.4), seen("d0", None, marker="karyotype"), seen("d0", None, marker="normal karyotype")]
    assert [one.marker for one in clones(items, [NPM1, whole, normal]).markers] == ["NPM1"]
