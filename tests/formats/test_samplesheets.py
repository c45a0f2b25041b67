"""Files of pipelines that hold no results."""

from __future__ import annotations

import pytest

from moltrack import formats
from moltrack.errors import FormatError


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("patient,sex,status,sample,lane,fastq_1,fastq_2", id="sarek-fastq"),
        pytest.param("patient,sex,status,sample,cram,crai", id="sarek-cram"),
        pytest.param("patient,sample,variantcaller,vcf", id="sarek-restart"),
        pytest.param("sample,fastq_1,fastq_2,strandedness", id="rnafusion"),
    ],
)
def test_a_sample_sheet_points_to_the_manifest(write, header):
    path = write("sheet.csv", header, ",".join("x" for _ in header.split(",")))
    with pytest.raises(FormatError, match=r"^sheet\.csv: is a sample sheet: .*'moltrack ingest --manifest'"):
        formats.read(path)


def test_a_schema_is_no_data(write):
    path = write("schema_input.json", "{", '  "$schema": "https://json-schema.org/draft/2020-12/schema"', "}")
    with pytest.raises(FormatError, match="is a JSON schema"):
        formats.read(path)


def test_a_snapshot_is_no_data(write):
    with pytest.raises(FormatError, match="snapshot of a pipeline's own test"):
        formats.read(write("main.nf.test.snap", '{"-profile test": {"content": []}}'))
