"""A cBioPortal study: clinical, timeline, mutation and structural-variant files with their meta files.

Source: cBioPortal documentation, "File Formats" (docs.cbioportal.org). Days count from each patient's day 0; cBioPortal draws them
from 0 whatever that day is. Samples are all timepoints; levels go into the mutation file as read counts where there are any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from moltrack.export.cells import one_line, sex_word
from moltrack.model import Fusion, MarkerKind, PatientView, PlacedEvent, SmallVariant, Status

EVENT_TYPES = {
    "treatment": "TREATMENT",
    "infusion": "TREATMENT",
    "transplant": "TREATMENT",
    "response": "STATUS",
    "relapse": "STATUS",
    "death": "STATUS",
    "last_contact": "STATUS",
    "toxicity": "TOXICITY",
}

#: Sequence Ontology term -> MAF classification (vcf2maf's table for the terms that coding variants have).
MAF_CLASSES = {
    "missense_variant": "Missense_Mutation",
    "stop_gained": "Nonsense_Mutation",
    "stop_lost": "Nonstop_Mutation",
    "start_lost": "Translation_Start_Site",
    "inframe_insertion": "In_Frame_Ins",
    "inframe_deletion": "In_Frame_Del",
    "splice_acceptor_variant": "Splice_Site",
    "splice_donor_variant": "Splice_Site",
    "synonymous_variant": "Silent",
}


def write_study(views: Sequence[PatientView], folder: Path, *, study: str, name: str) -> list[Path]:
    """Write the study's files into ``folder`` (made when it is missing); returns their paths."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = [
        _meta(
            folder,
            "study",
            {
                "type_of_cancer": "aml",
                "cancer_study_identifier": study,
                "name": name,
                "description": "Exported by moltrack; for research",
                "add_global_case_list": "true",
            },
        )
    ]
    written += _clinical(views, folder, study)
    written += _timelines(views, folder, study)
    written += _mutations(views, folder, study)
    written += _structural_variants(views, folder, study)
    return written


def _meta(folder: Path, stem: str, fields: Mapping[str, str]) -> Path:
    path = folder / f"meta_{stem}.txt"
    return _write(path, [f"{key}: {one_line(value)}" for key, value in fields.items()])


def _write(path: Path, lines: Sequence[str]) -> Path:
    """Lines to a file that its owner alone can read."""
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]], head: Sequence[str] = ()) -> Path:
    lines = [*head, "\t".join(columns), *("\t".join(one_line(cell) for cell in row) for row in rows)]
    return _write(path, lines)


def _attributes(columns: Sequence[tuple[str, str, str]]) -> list[str]:
    """The four ``#`` lines: display name, description, data type, priority."""
    names, kinds = [title for _, title, _ in columns], [kind for _, _, kind in columns]
    return [
        "#" + "\t".join(names),
        "#" + "\t".join(names),
        "#" + "\t".join(kinds),
        "#" + "\t".join("1" for _ in columns),
    ]


def _clinical(views: Sequence[PatientView], folder: Path, study: str) -> list[Path]:
    patient_columns = [
        ("PATIENT_ID", "Patient", "STRING"),
        ("SEX", "Sex", "STRING"),
        ("AGE", "Age at diagnosis", "NUMBER"),
    ]
    patients = [
        [v.records.patient.patient, sex_word(v.records.patient.sex).capitalize(), v.records.patient.age] for v in views
    ]
    sample_columns = [
        ("PATIENT_ID", "Patient", "STRING"),
        ("SAMPLE_ID", "Sample", "STRING"),
        ("TISSUE", "Tissue", "STRING"),
        ("PHASE", "Phase", "STRING"),
        ("SAMPLE_ORDER", "Order", "NUMBER"),
        ("DAY", "Day", "NUMBER"),
    ]
    samples = [
        [
            v.records.patient.patient,
            p.info.sample,
            str(p.info.tissue),
            str(p.info.phase or ""),
            p.order,
            None if p.day is None else round(p.day),
        ]
        for v in views
        for p in v.axis.samples
    ]
    common = {"cancer_study_identifier": study, "genetic_alteration_type": "CLINICAL"}
    return [
        _table(
            folder / "data_clinical_patient.txt",
            [c for c, _, _ in patient_columns],
            patients,
            _attributes(patient_columns),
        ),
        _meta(
            folder,
            "clinical_patient",
            {**common, "datatype": "PATIENT_ATTRIBUTES", "data_filename": "data_clinical_patient.txt"},
        ),
        _table(
            folder / "data_clinical_sample.txt", [c for c, _, _ in sample_columns], samples, _attributes(sample_columns)
        ),
        _meta(
            folder,
            "clinical_sample",
            {**common, "datatype": "SAMPLE_ATTRIBUTES", "data_filename": "data_clinical_sample.txt"},
        ),
    ]


def _timelines(views: Sequence[PatientView], folder: Path, study: str) -> list[Path]:
    events = [(v, p) for v in views for p in v.axis.events if p.day is not None]
    written = []
    for kind in ("TREATMENT", "STATUS", "TOXICITY"):
        rows = [
            _event_row(v.records.patient.patient, p, kind)
            for v, p in events
            if EVENT_TYPES.get(str(p.event.type)) == kind
        ]
        if rows:
            columns = [
                "PATIENT_ID",
                "START_DATE",
                "STOP_DATE",
                "EVENT_TYPE",
                "TREATMENT_TYPE" if kind == "TREATMENT" else "STATUS",
                "AGENT",
                "NOTE",
            ]
            written += _timeline(folder, study, kind.lower(), columns, rows)
    specimens = [
        [v.records.patient.patient, round(p.day), "", "SPECIMEN", p.info.sample, str(p.info.tissue)]
        for v in views
        for p in v.axis.samples
        if p.day is not None
    ]
    if specimens:
        written += _timeline(
            folder,
            study,
            "specimen",
            ["PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE", "SAMPLE_ID", "SPECIMEN_SITE"],
            specimens,
        )
    levels = [
        [
            row["patient"],
            _day(row),
            "",
            "LAB_TEST",
            f"{row['label']} {row['quantity']} ({row['assay']})",
            _result(row),
        ]
        for v in views
        for row in v.table
        if row["day"] is not None
    ]
    if levels:
        written += _timeline(
            folder, study, "lab_test", ["PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE", "TEST", "RESULT"], levels
        )
    return written


def _day(row: Mapping[str, Any]) -> int:
    day: float = row["day"]
    return round(day)


def _result(row: Mapping[str, Any]) -> str:
    """A number only when the marker was quantified: a miss must not be drawn as zero."""
    if row["status"] != str(Status.DETECTED):
        return str(row["status"]).replace("_", " ")
    return "detected" if row["level"] is None else repr(row["level"])


def _timeline(folder: Path, study: str, stem: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Path]:
    meta = {
        "cancer_study_identifier": study,
        "genetic_alteration_type": "CLINICAL",
        "datatype": "TIMELINE",
        "data_filename": f"data_timeline_{stem}.txt",
    }
    return [_table(folder / f"data_timeline_{stem}.txt", columns, rows), _meta(folder, f"timeline_{stem}", meta)]


def _event_row(patient: str, placed: PlacedEvent, kind: str) -> list[Any]:
    event = placed.event
    assert placed.day is not None
    end = "" if placed.end_day is None else round(placed.end_day)
    return [patient, round(placed.day), end, kind, event.name, "+".join(event.drugs) or event.name, event.note]


def _mutations(views: Sequence[PatientView], folder: Path, study: str) -> list[Path]:
    columns = [
        "Hugo_Symbol",
        "NCBI_Build",
        "Chromosome",
        "Start_Position",
        "End_Position",
        "Variant_Classification",
        "Reference_Allele",
        "Tumor_Seq_Allele2",
        "Tumor_Sample_Barcode",
        "HGVSp_Short",
        "HGVSc",
        "t_alt_count",
        "t_ref_count",
    ]
    rows = []
    for view in views:
        markers = {
            m.id: m
            for m in view.records.markers
            if m.tracked and m.kind is MarkerKind.SMALL_VARIANT and isinstance(m.finding, SmallVariant)
        }
        for item in view.records.observations:
            marker = markers.get(item.marker)
            finding = marker.finding if marker else None
            if (
                item.status is not Status.DETECTED
                or marker is None
                or not isinstance(finding, SmallVariant)
                or finding.pos is None
            ):
                continue
            pos, end, ref, alt = _maf_allele(finding.pos, finding.ref, finding.alt)
            alt_count, depth = item.counts.alt, item.counts.depth
            rows.append(
                [
                    marker.genes[0] if marker.genes else "",
                    finding.build,
                    finding.chrom,
                    pos,
                    end,
                    maf_class(finding),
                    ref,
                    alt,
                    item.sample,
                    finding.hgvs_p.split(":")[-1],
                    finding.hgvs_c.split(":")[-1],
                    None if alt_count is None else round(alt_count),
                    None if depth is None or alt_count is None else round(depth - alt_count),
                ]
            )
    if not rows:
        return []
    meta = {
        "cancer_study_identifier": study,
        "genetic_alteration_type": "MUTATION_EXTENDED",
        "datatype": "MAF",
        "stable_id": "mutations",
        "show_profile_in_analysis_tab": "true",
        "profile_name": "Mutations",
        "profile_description": "Tracked small variants at every sample",
        "data_filename": "data_mutations.txt",
    }
    return [_table(folder / "data_mutations.txt", columns, rows), _meta(folder, "mutations", meta)]


def _maf_allele(pos: int, ref: str, alt: str) -> tuple[int, int, str, str]:
    """A VCF allele as MAF writes it: no anchor base, ``-`` for nothing, an insertion between its flanking bases."""
    while ref and alt and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    if not ref:
        return pos - 1, pos, "-", alt
    return pos, pos + len(ref) - 1, ref, alt or "-"


def maf_class(finding: SmallVariant) -> str:
    """The MAF's Variant_Classification of the most severe term; frameshifts by the sign of the length change."""
    terms = finding.consequence.replace(",", "&").split("&")
    if "frameshift_variant" in terms:
        return "Frame_Shift_Ins" if len(finding.alt) > len(finding.ref) else "Frame_Shift_Del"
    return next((MAF_CLASSES[term] for term in terms if term in MAF_CLASSES), "Unknown")


def _structural_variants(views: Sequence[PatientView], folder: Path, study: str) -> list[Path]:
    columns = [
        "Sample_Id",
        "Site1_Hugo_Symbol",
        "Site2_Hugo_Symbol",
        "SV_Status",
        "Site1_Chromosome",
        "Site1_Position",
        "Site2_Chromosome",
        "Site2_Position",
        "NCBI_Build",
        "RNA_Support",
        "Tumor_Split_Read_Count",
        "Tumor_Paired_End_Read_Count",
        "Event_Info",
    ]
    rows = []
    for view in views:
        markers = {m.id: m for m in view.records.markers if m.tracked and m.kind is MarkerKind.FUSION and not m.parent}
        for item in view.records.observations:
            marker = markers.get(item.marker)
            if item.status is not Status.DETECTED or marker is None or not isinstance(marker.finding, Fusion):
                continue
            finding = marker.finding
            one, two = finding.breakpoint5, finding.breakpoint3
            rna = "Yes" if "RNA" in str(item.technique) else ""
            rows.append(
                [
                    item.sample,
                    finding.gene5,
                    finding.gene3,
                    "SOMATIC",
                    one and one.chrom,
                    one and one.pos,
                    two and two.chrom,
                    two and two.pos,
                    finding.build,
                    rna,
                    item.counts.junction_reads,
                    item.counts.spanning_reads,
                    marker.label,
                ]
            )
    if not rows:
        return []
    meta = {
        "cancer_study_identifier": study,
        "genetic_alteration_type": "STRUCTURAL_VARIANT",
        "datatype": "SV",
        "stable_id": "structural_variants",
        "show_profile_in_analysis_tab": "true",
        "profile_name": "Structural variants",
        "profile_description": "Tracked fusions at every sample",
        "data_filename": "data_sv.txt",
    }
    return [_table(folder / "data_sv.txt", columns, rows), _meta(folder, "sv", meta)]
