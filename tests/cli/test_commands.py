"""Every command as a user runs it: its help has an example, it does what it says, and it says what it did."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from outcome import Outcome

from moltrack.cli.main import COMMANDS, cli

Run = Callable[..., Outcome]
ROOT = Path(__file__).parents[2]
PRESENT = [name for name in COMMANDS if importlib.util.find_spec(f"moltrack.cli.{name}")]

VARIANTS = """patient,sample,gene,hgvs_c,hgvs_p,vaf,depth,alt_reads,class,order,tissue,note
Jane Roe,A-1,IDH2,c.419G>A,p.Arg140Gln,41.2 %,1520,,pathogenic,1,BM,call Dr Miller
Jane Roe,A-1,TET2,c.100C>T,p.Leu34Phe,48 %,900,,,1,BM,=1+1
Jane Roe,A-2,IDH2,c.419G>A,p.Arg140Gln,4.12 %,1520,,pathogenic,2,BM,@x
"""


@pytest.fixture
def case(run: Run, tmp_path: Path) -> Run:
    """A patient whose name, samples and notes must not leave."""
    table = tmp_path / "secretfile.csv"
    table.write_text(VARIANTS, encoding="utf-8")
    assert run("ingest", table, "--input-format", "variants").status == 0
    assert run("patient", "set", "Jane Roe", "--sex", "female", "--age", 61, "--note", "call Dr Miller").status == 0
    assert run("sample", "set", "Jane Roe", "A-1", "--date", "2021-05-12", "--label", "seen by Dr Miller").status == 0
    assert run("event", "add", "Jane Roe", "treatment", "Millers scheme", "--date", "2021-05-20").status == 0
    return run


def rows(outcome: Outcome) -> list[dict[str, str]]:
    assert outcome.status == 0, outcome.err
    found: list[dict[str, str]] = json.loads(outcome.out)
    return found


# --- help -------------------------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for name in PRESENT:
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for child in command.list_commands(context):
                found = command.get_command(context, child)
                assert found is not None
                yield f"{name} {child}", found


@pytest.mark.parametrize(("name", "command"), [pytest.param(n, c, id=n) for n, c in commands()])
def test_help_says_what_it_does_and_shows_an_example(name: str, command: click.Command) -> None:
    assert command.help
    assert f"moltrack {name.split()[0]}" in command.help


@pytest.mark.parametrize("name", PRESENT)
def test_every_command_answers_to_help(run: Run, name: str) -> None:
    shown = run(name, "--help")
    assert shown.status == 0
    assert shown.out.startswith(f"Usage: moltrack {name}")


def test_an_unknown_command_is_a_matter_of_usage(run: Run) -> None:
    assert run("frobnicate").status == 2


# --- patients, samples, events ----------------------------------------------------------------------------------------


def test_patient_set_and_list(case: Run) -> None:
    [patient] = rows(case("patient", "list", "--format", "json"))
    assert (patient["patient"], patient["sex"], patient["samples"]) == ("Jane Roe", "female", 2)


def test_people_read_whole_numbers_as_such(case: Run) -> None:
    assert re.search(r"female\s+61\s", case("patient", "list").out)


def test_patient_delete(case: Run) -> None:
    assert case("patient", "delete", "Jane Roe", "--yes").out == "Patient Jane Roe is deleted.\n"
    assert rows(case("patient", "list", "--format", "json")) == []
    assert case("table", "Jane Roe").status == 1


def test_sample_set_changes_only_what_is_said(case: Run) -> None:
    case("sample", "set", "Jane Roe", "A-1", "--phase", "diagnosis")
    [first, _] = rows(case("sample", "list", "Jane Roe", "--format", "json"))
    assert (first["time"], first["phase"], first["label"]) == ("2021-05-12", "diagnosis", "seen by Dr Miller")


def test_event_add_list_remove(case: Run) -> None:
    [event] = rows(case("event", "list", "Jane Roe", "--format", "json"))
    assert (event["number"], event["name"], event["start"]) == (1, "Millers scheme", "2021-05-20")
    assert case("event", "remove", "Jane Roe", 1).status == 0
    assert case("event", "list", "Jane Roe").out == "Patient Jane Roe has no events.\n"


def test_an_event_that_is_not_there_cannot_be_removed(case: Run) -> None:
    outcome = case("event", "remove", "Jane Roe", 7)
    assert (outcome.status, outcome.err) == (1, "Error: patient Jane Roe has 1 event, no number 7.\n")


# --- markers and observations -----------------------------------------------------------------------------------------


def markers(run: Run) -> dict[str, dict[str, str]]:
    return {row["label"]: row for row in rows(run("marker", "list", "Jane Roe", "--all", "--format", "json"))}


def test_marker_list_hides_what_is_not_followed(case: Run) -> None:
    assert [r["label"] for r in rows(case("marker", "list", "Jane Roe", "--format", "json"))] == ["IDH2 p.Arg140Gln"]
    assert set(markers(case)) == {"IDH2 p.Arg140Gln", "TET2 p.Leu34Phe"}


def test_marker_track_and_stop(case: Run) -> None:
    case("marker", "track", "Jane Roe", "TET2 p.Leu34Phe", "--reason", "clone")
    assert markers(case)["TET2 p.Leu34Phe"]["tracked"] == "yes"
    case("marker", "track", "Jane Roe", "TET2 p.Leu34Phe", "--not", "--reason", "no clone")
    assert markers(case)["TET2 p.Leu34Phe"]["tracked"] == "no"
    case("marker", "track", "Jane Roe", "TET2 p.Leu34Phe", "--reason", "clone after all")
    assert markers(case)["TET2 p.Leu34Phe"]["tracked"] == "yes"


def test_the_last_class_counts_and_the_first_stays_listed(case: Run) -> None:
    for word in ("uncertain", "pathogenic"):
        assert case("marker", "classify", "Jane Roe", "TET2 p.Leu34Phe", word, "--reason", "r").status == 0
    assert markers(case)["TET2 p.Leu34Phe"]["classification"] == "pathogenic"
    assert "(revoked by" in case("marker", "list", "Jane Roe").out


def test_marker_alias_renames_everywhere_and_is_reversible(case: Run, tmp_path: Path) -> None:
    named = case("marker", "alias", "Jane Roe", "IDH2 p.Arg140Gln", "trial target", "--reason", "name in the protocol")
    assert (named.status, named.out) == (0, "IDH2 p.Arg140Gln: alias trial target.\n")
    [row] = rows(case("marker", "list", "Jane Roe", "--format", "json"))
    assert row["label"] == "trial target"
    assert "override 1: alias" in case("marker", "list", "Jane Roe").out
    assert {r["marker"] for r in rows(case("trend", "Jane Roe", "--marker", "trial target", "--format", "json"))} == {
        "trial target"
    }
    assert {r["label"] for r in rows(case("table", "Jane Roe", "--format", "json"))} == {"trial target"}
    assert case("trend", "Jane Roe", "--marker", row["marker"]).status == 0
    page = tmp_path / "page.html"
    assert case("report", "Jane Roe", "-o", page).status == 0
    assert "trial target" in page.read_text(encoding="utf-8")
    assert case("marker", "revoke", "Jane Roe", 1, "--reason", "mistake").status == 0
    assert "IDH2 p.Arg140Gln" in markers(case)


def test_a_later_alias_takes_the_place_of_the_earlier(case: Run) -> None:
    for marker, name in (("IDH2 p.Arg140Gln", "first name"), ("first name", "second name")):
        assert case("marker", "alias", "Jane Roe", marker, name, "--reason", "r").status == 0
    assert "second name" in markers(case)
    assert case("trend", "Jane Roe", "--marker", "first name").status == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("tet2 p.leu34phe", "is already the name of a marker of patient Jane Roe", id="another marker"),
        pytest.param("TP53", "'TP53' is the name of a gene", id="gene"),
        pytest.param("t_8_21", "'t_8_21' is the name of a lesion", id="lesion"),
        pytest.param("  ", "is not a name", id="empty"),
        pytest.param("a\nb", "'a b' is not a name", id="two lines"),
    ],
)
def test_an_alias_is_a_name_of_its_own(case: Run, name: str, said: str) -> None:
    refused = case("marker", "alias", "Jane Roe", "IDH2 p.Arg140Gln", name, "--reason", "r")
    assert refused.status == 1
    assert said in refused.err
    assert "IDH2 p.Arg140Gln" in markers(case)


def test_marker_join_and_revoke(case: Run) -> None:
    assert case("marker", "join", "Jane Roe", "TET2 p.Leu34Phe", "IDH2 p.Arg140Gln", "--reason", "r").status == 0
    assert len(markers(case)) == 1
    assert case("marker", "revoke", "Jane Roe", 1, "--reason", "mistake").status == 0
    assert len(markers(case)) == 2


def test_marker_split(case: Run) -> None:
    assert case("marker", "split", "Jane Roe", "IDH2 p.Arg140Gln", "variants", "--reason", "r").status == 0
    assert "IDH2 p.Arg140Gln [variants]" in markers(case)


def test_observation_list_and_void(case: Run) -> None:
    listed = rows(case("observation", "list", "Jane Roe", "--sample", "A-2", "--format", "json"))
    [name] = [row["observation"] for row in listed]
    assert case("observation", "void", "Jane Roe", name, "--reason", "swap").out == f"{name} is void.\n"
    [row] = rows(case("observation", "list", "Jane Roe", "--sample", "A-2", "--format", "json"))
    assert row["status"] == "not_evaluable"
    assert row["flags"].endswith(": swap")


def test_assay_add_and_list(case: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "assays.yaml"
    sheet.write_text("assays:\n  - {id: variants, technique: DNA sequencing, covers: [NPM1], lod: vaf=2 %}\n")
    assert case("assay", "add", sheet).out == "Assay variants is set.\n"
    [assay] = rows(case("assay", "list", "--format", "json"))
    assert (assay["covers"], assay["limits"]) == ("NPM1", "lod vaf=2 %")
    assert "not detected (< 2 %)" in case("table", "Jane Roe", "--hidden").out


# --- formats ----------------------------------------------------------------------------------------------------------


def templates() -> list[str]:
    from moltrack.formats.registry import all_formats

    return [item.name for item in all_formats().values() if item.template and not item.refuses]


@pytest.mark.parametrize("name", templates())
def test_a_template_with_its_example_row_can_be_ingested(run: Run, tmp_path: Path, name: str) -> None:
    text = run("formats", "--template", name).out
    if name == "assays":
        text = text.replace("assays: []\n", "").replace("# assays:", "assays:")
        text = re.sub(r"^#(   +\S)", r" \1", text, flags=re.MULTILINE)
    else:
        *legend, example = text.rstrip("\n").split("\n")
        text = "\n".join([*legend, example.removeprefix("# ")]) + "\n"
    path = tmp_path / (f"{name}.yaml" if name == "assays" else f"{name}.csv")
    path.write_text(text, encoding="utf-8")
    options = [] if name in {"patients", "samples", "events", "assays"} else ["--patient", "P01"]
    outcome = run("ingest", path, *options)
    assert outcome.status == 0, outcome.err
    assert "not used" not in outcome.err


def test_a_tools_own_format_has_no_template(run: Run) -> None:
    outcome = run("formats", "--template", "getitd")
    assert outcome.status == 1
    assert "has no template" in outcome.err


# --- table and trend --------------------------------------------------------------------------------------------------


def test_table_forms(case: Run, tmp_path: Path) -> None:
    assert "41.2 %" in case("table", "Jane Roe").out
    assert "call Dr Miller" in case("table", "Jane Roe", "--explain").out
    assert "TET2" in case("table", "Jane Roe", "--hidden").out
    assert case("table", "Jane Roe", "--wide").out.splitlines()[0].split() == [
        "marker",
        "quantity",
        "assay",
        "tissue",
        "A-1",
        "A-2",
    ]
    assert case("table", "Jane Roe", "--as-of", "2020-01-01").status in {0, 1}
    for ending in ("csv", "json", "xlsx", "parquet"):
        path = tmp_path / f"t.{ending}"
        assert case("table", "Jane Roe", "-o", path).status == 0
        assert path.stat().st_size > 100
        assert path.stat().st_mode & 0o077 == 0


def test_a_series_of_one_sample_has_no_estimates(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "one.csv"
    table.write_text("".join(VARIANTS.splitlines(keepends=True)[:2]), encoding="utf-8")
    run("ingest", table, "--input-format", "variants")
    found = rows(run("trend", "Jane Roe", "--format", "json"))
    assert [row["note"] for row in found if row["sample"]] == ["baseline"]
    assert [row["status"] for row in found if not row["sample"]] == ["first detected", "course", "share of cells"]


def test_trend_forms(case: Run, tmp_path: Path) -> None:
    listed = rows(case("trend", "Jane Roe", "--format", "json"))
    assert [row["log10 reduction"] for row in listed if row["sample"] == "A-2"] == ["1.000"]
    assert case("trend", "Jane Roe", "-o", tmp_path / "t.html").status == 0
    assert case("trend", "Jane Roe", "-o", tmp_path / "t.csv").status == 0
    assert case("trend", "Jane Roe", "-o", tmp_path / "t.docx").status == 2


@pytest.mark.browser
@pytest.mark.parametrize("ending", ["svg", "png"])
def test_trend_as_a_picture(case: Run, tmp_path: Path, ending: str) -> None:
    if not shutil.which("chromium"):
        pytest.skip("no Chromium")
    path = tmp_path / f"t.{ending}"
    outcome = case("trend", "Jane Roe", "-o", path)
    assert outcome.status == 0, outcome.err
    assert path.read_bytes()[:4] in {b"\x89PNG", b"<svg"}


def test_report(case: Run, tmp_path: Path) -> None:
    assert case("report", "Jane Roe", "-o", tmp_path / "p.html").status == 0
    assert case("report", "--cohort", "-o", tmp_path / "c").status == 0
    assert case("report").status == 2


# --- export -----------------------------------------------------------------------------------------------------------

FORMS = ["csv", "tsv", "xlsx", "parquet", "json", "cbioportal", "fhir", "phenopacket"]


def text_of(path: Path) -> str:
    """Everything that an export says, whatever its form."""
    if path.is_dir():
        return "\n".join(file.name + file.read_text(encoding="utf-8") for file in sorted(path.iterdir()))
    if path.suffix == ".xlsx":
        from openpyxl import load_workbook

        return "\n".join(str(c.value) for s in load_workbook(path).worksheets for r in s.iter_rows() for c in r)
    if path.suffix == ".parquet":
        import pandas as pd

        return str(pd.read_parquet(path).to_csv())
    return path.read_text(encoding="utf-8")


@pytest.fixture
def exported(case: Run, tmp_path: Path) -> Callable[..., str]:
    def _exported(form: str, *options: object, name: str = "out") -> str:
        path = tmp_path / (name if form in {"cbioportal", "fhir", "phenopacket"} else f"{name}.{form}")
        outcome = case("export", "Jane Roe", "--to", form, "-o", path, *options)
        assert outcome.status == 0, outcome.err
        return text_of(path)

    return _exported


@pytest.mark.parametrize("form", FORMS)
def test_export_holds_the_patient(exported: Callable[..., str], form: str) -> None:
    assert "Jane Roe" in exported(form)


@pytest.mark.parametrize("form", FORMS)
def test_a_pseudonymised_export_tells_nobody(exported: Callable[..., str], tmp_path: Path, form: str) -> None:
    key = tmp_path / "key"
    key.write_text("0123456789abcdef0123456789abcdef")
    first, again = (exported(form, "--pseudonymize", key, name=n) for n in ("a", "b"))
    for secret in ("Jane", "Roe", "A-1", "A-2", "Miller", "2021-05", "secretfile", "=1+1", "@x"):
        assert secret not in first, secret
    assert re.findall(r"P-[0-9a-f]{12}", first) == re.findall(r"P-[0-9a-f]{12}", again) != []


@pytest.mark.parametrize("form", FORMS)
def test_exports_are_readable_by_their_owner_alone(exported: Callable[..., str], tmp_path: Path, form: str) -> None:
    exported(form)
    [path] = tmp_path.glob("out*")
    files = [path, *path.iterdir()] if path.is_dir() else [path]
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_a_short_key_is_refused(case: Run, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("short")
    outcome = case("export", "Jane Roe", "--to", "csv", "-o", tmp_path / "x.csv", "--pseudonymize", key)
    assert outcome.status == 1
    assert "openssl rand -hex 32" in outcome.err


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_formulas_are_neutral(exported: Callable[..., str], form: str) -> None:
    text = exported(form, "--hidden")
    cells = [c for row in csv.reader(io.StringIO(text), delimiter="\t" if form == "tsv" else ",") for c in row]
    assert "'=1+1" in cells
    assert "'@x" in cells
    assert not [c for c in cells if c.startswith(("=", "@"))]


def test_fhir_is_valid_and_a_miss_has_no_value(exported: Callable[..., str]) -> None:
    from fhir.resources.R4B.bundle import Bundle

    text = exported("fhir")
    made = Bundle.model_validate_json(text[text.index("{") :])
    kinds = [entry.resource.get_resource_type() for entry in made.entry]
    assert kinds[:3] == ["Patient", "Specimen", "Specimen"]
    assert made.entry[0].resource.gender == "female"


def test_a_phenopacket_is_valid(exported: Callable[..., str]) -> None:
    import phenopackets as pp
    from google.protobuf.json_format import Parse

    text = exported("phenopacket")
    packet = Parse(text[text.index("{") :], pp.Phenopacket())
    assert (packet.subject.sex, len(packet.biosamples)) == (pp.FEMALE, 2)


def test_a_cbioportal_study_follows_its_rules(exported: Callable[..., str], tmp_path: Path) -> None:
    """Clinical files: four # lines then names in capitals; every meta file names its study and an existing data file."""
    exported("cbioportal")
    folder = tmp_path / "out"
    for name in ("patient", "sample"):
        lines = (folder / f"data_clinical_{name}.txt").read_text().splitlines()
        assert [line[0] for line in lines[:5]] == ["#"] * 4 + ["P"]
        assert len({line.count("\t") for line in lines}) == 1
        assert all(re.fullmatch("[A-Z_]+", column) for column in lines[4].split("\t"))
    for meta in folder.glob("meta_*.txt"):
        fields = dict(line.split(": ", 1) for line in meta.read_text().splitlines())
        assert fields["cancer_study_identifier"] == "moltrack_study"
        assert meta.name == "meta_study.txt" or (folder / fields["data_filename"]).is_file()
    header, *data = (folder / "data_timeline_treatment.txt").read_text().splitlines()
    assert header.split("\t")[:4] == ["PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE"]
    assert data


# --- doctor, docs, API ------------------------------------------------------------------------------------------------


def test_doctor_writes_a_manifest_that_can_be_ingested(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "fish.csv").write_text("patient,sample,probe,event,percent\nP1,S1,TP53/D17Z1,deletion,72\n")
    (folder / "notes.txt").write_text("hello\n")
    manifest = tmp_path / "manifest.csv"
    outcome = run("doctor", folder, "-o", manifest)
    assert (outcome.status, outcome.err) == (0, f"Wrote {manifest}: fill in patient, sample and dates.\n")
    assert [row["path"] for row in csv.DictReader(io.StringIO(manifest.read_text()))] == ["results/fish.csv"]
    landed = run("ingest", "--manifest", manifest)
    assert landed.status == 0, landed.err


def test_doctor_leaves_out_of_a_manifest_what_is_refused_and_whose_sample_is_not_one(run: Run, tmp_path: Path) -> None:
    header = "Well,ExptType,Experiment,Sample,TargetType,Target,Status,Concentration,Positives,Negatives,AcceptedDroplets,Ratio,FractionalAbundance"
    rows = [f"A0{n},AQ,E,S{n},Ch1Unknown,CBFB-MYH11,OK,1.5,19,14981,15000,," for n in (1, 2)]
    (tmp_path / "plate.csv").write_text("\n".join([header, *rows]))
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "~$open.xlsx").write_bytes(b"lock")
    manifest = tmp_path / "m.csv"
    outcome = run("doctor", tmp_path, "-o", manifest)
    assert "report.pdf: is a PDF" in outcome.out
    assert "~$open.xlsx" not in outcome.out
    assert [(row["path"], row["sample"]) for row in csv.DictReader(io.StringIO(manifest.read_text()))] == [
        ("plate.csv", "")
    ]


def test_the_pythons_example_of_the_readme_runs(tmp_path: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    demo = [sys.executable, "-m", "moltrack", "demo", "-o", "demo"]
    subprocess.run(demo, cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "NA{F,I,A} A" in done.stdout


def test_the_public_api_is_complete_and_sorted() -> None:
    import moltrack

    assert moltrack.__all__ == sorted(moltrack.__all__)
    assert all(getattr(moltrack, name) is not None for name in moltrack.__all__)


def test_the_generated_docs_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs/generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
