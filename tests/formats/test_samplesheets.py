"""Files of pipelines that hold no results."""

from __future__ import annotations

import pytest

from moltrack import formats
from moltrack.errors import FormatError


@pytest.mark.parametrize(
    ("header", "message"),
    [
        pytest.param("patient,sample,variantcaller,vcf", r": .*'moltrack ingest --manifest'", id="sarek-restart"),
        pytest.param("patient,sex,status,sample,lane,fastq_1,fastq_2", " of sequencing reads", id="sarek-fastq"),
        pytest.param("patient,sex,status,sample,cram,crai", " of sequencing reads", id="sarek-cram"),
        pytest.param("sample,fastq_1,fastq_2,strandedness", " of sequencing reads", id="rnafusion"),
        pytest.param(
            "group_id,subject_id,sample_id,sample_type,sequence_type,filetype,filepath",
            " of sequencing reads",
            id="oncoanalyser",
        ),
    ],
)
def test_a_sample_sheet_says_what_to_read_instead(write, header, message):
    path = write("sheet.csv", header, ",".join("x" for _ in header.split(",")))
    with pytest.raises(FormatError, match=rf"^sheet\.csv: is a sample sheet{message}"):
        formats.read(path)


def test_a_schema_is_no_data(write):
    path = write("schema_input.json", "{", '  "$schema": "https://json-schema.org/draft/2020-12/schema"', "}")
    with pytest.raises(FormatError, match="is a JSON schema"):
        formats.read(path)


def test_a_snapshot_is_no_data(write):
    with pytest.raises(FormatError, match="snapshot of a pipeline's own test"):
        formats.read(write("main.nf.test.snap", '{"-profile test": {"content": []}}'))
