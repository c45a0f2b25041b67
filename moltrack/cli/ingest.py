"""``moltrack ingest``: files of one sample, or a manifest of many."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moltrack.cli.common import INPUT_PATH, counted, open_store, refuse_lone_anchor, say_unknown_anchor, visible

if TYPE_CHECKING:
    from moltrack.model import Landing
    from moltrack.store import Landed


@click.command()
@click.argument("paths", nargs=-1, type=INPUT_PATH)
@click.option("--patient", default="", help="Patient the files are of (unless their rows say so).")
@click.option("--sample", default="", help="Sample the files are of (unless their rows say so).")
@click.option("--date", default="", metavar="2021-05-12|2021-05", help="When the sample was taken.")
@click.option("--day", default="", metavar="N", help="Or: days from an event (negative before it).")
@click.option(
    "--from",
    "anchor",
    default="",
    metavar="EVENT",
    help="The event that --day counts from; default: the patient's anchor.",
)
@click.option(
    "--order",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="Or: only its place in the sequence of samples.",
)
@click.option("--tissue", default="", metavar="BM|PB|other", help="Specimen.")
@click.option(
    "--phase",
    default="",
    metavar="NAME",
    help="diagnosis, pre_treatment, after_cycle(N), end_of_treatment, pre_hct, post_hct, follow_up, relapse, other.",
)
@click.option("--label", default="", help="The laboratory's own name for the time point.")
@click.option("--assay", default="", metavar="ID", help="Assay; default: the tool's name. See 'moltrack assay'.")
@click.option("--part", default="", help="Tells apart files of one assay (snv, indel).")
@click.option("--input-format", default="", metavar="NAME", help="Force a format instead of telling it by content.")
@click.option("--tumor-sample", default="", metavar="NAME|N", help="Which column of a VCF is the patient's sample.")
@click.option("--build", default="", metavar="GRCh37|GRCh38", help="Genome build, where the file does not say.")
@click.option("--fasta", default="", metavar="FILE", help="Reference FASTA of that build, to left-align indels.")
@click.option(
    "--genes",
    default="myeloid",
    show_default=True,
    metavar="myeloid|all|FILE",
    help="Genes kept from large files; proves nothing about the others.",
)
@click.option(
    "--covers",
    multiple=True,
    metavar="PANEL|GENE|LESION|BED",
    help="What the run looked at, so that not seen means not detected.",
)
@click.option(
    "--lod", multiple=True, metavar="QUANTITY=VALUE", help="Limit of detection of the run, for example vaf=2%."
)
@click.option("--loq", multiple=True, metavar="QUANTITY=VALUE", help="Limit of quantification.")
@click.option(
    "--cutoff",
    multiple=True,
    metavar="QUANTITY=VALUE",
    help="Highest value of negatives (FISH), for example cell_fraction=5%.",
)
@click.option("--unit", default="", help="Unit, where the file does not say (SEG: log2 or log10).")
@click.option(
    "--decimal", type=click.Choice([".", ","]), default=None, help="Decimal sign, where the file leaves it open."
)
@click.option(
    "--replace",
    "replace_existing",
    is_flag=True,
    help="Supersede an earlier reading of the same file or run; the old rows are kept.",
)
@click.option(
    "--manifest",
    type=INPUT_PATH,
    default=None,
    help="A table of files (path, patient, sample, ...): a batch.",
)
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes that read files of a manifest."
)
@click.option("--dask", default="", metavar="ADDRESS", help="Read files of a manifest on a Dask cluster instead.")
@click.option("--allow-outside", is_flag=True, help="Let a manifest name files outside its own folder.")
@click.option(
    "--max-bytes", type=click.IntRange(1), default=None, help="Largest text file read whole (default 512 MiB)."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[Path, ...], manifest: Path | None, form: str, **given: Any) -> int:
    """Read PATHS (or a manifest) and land them in the database.

    One file is one transaction: it lands whole or not at all. The same file again with the same options changes nothing.

    \b
    moltrack ingest mutect2.vcf.gz --patient P01 --sample S1 --date 2021-05-12 --phase diagnosis --tissue BM
    moltrack ingest fish.csv --patient P01 --sample S1
    moltrack ingest --manifest examples/manifest.csv
    """
    from moltrack.digest import Digest

    # Begun before the readers are loaded, as it takes longest of all with a large file.
    digest = Digest(paths[0]) if paths and not manifest else None

    from moltrack import intake
    from moltrack.formats import ReadOptions
    from moltrack.formats.files import LIMITS, Limits, open_checked

    if bool(paths) == bool(manifest):
        raise click.UsageError("Give files, or --manifest FILE.")
    limits = Limits(text_bytes=given["max_bytes"]) if given["max_bytes"] else LIMITS
    if manifest:
        from moltrack.cli.batch import run_manifest

        described = [name for name in ("patient", "sample", "date", "day", "order") if given[name]]
        if described:
            raise click.UsageError(f"--{described[0]} does not go with --manifest; its rows say whose files they are.")
        store = open_store(ctx, create=True)
        return run_manifest(
            store,
            manifest,
            jobs=given["jobs"],
            dask=given["dask"],
            allow_outside=given["allow_outside"],
            replace=given["replace_existing"],
            form=form,
            limits=limits,
        )
    refuse_lone_anchor(given["anchor"], given["day"])
    options = ReadOptions(
        input_format=given["input_format"],
        tumor_sample=given["tumor_sample"],
        build=given["build"],
        fasta=given["fasta"],
        genes=given["genes"],
        unit=given["unit"],
        decimal=given["decimal"],
        limits=limits,
    )
    words = {name: given[name] for name in given if name in intake.TargetOptions.__annotations__}
    target = intake.make_target(**words, options=options)
    if given["fasta"]:
        open_checked(Path(given["fasta"])).close()
    # All files are read before the first is written: a bad one among several leaves the store as it was.
    landings = [
        intake.prepare(path, target, replace_existing=given["replace_existing"], digest=None if number else digest)
        for number, path in enumerate(paths)
    ]
    from moltrack import pipeline

    store = open_store(ctx, create=True)
    for path, landing in zip(paths, landings, strict=True):
        landed = pipeline.land(store, landing)
        report_landed(path, landing, landed, form)
    if target.patient:
        say_unknown_anchor(store, target.patient, target.time)
    return 0


def report_landed(path: Path, landing: Landing, landed: Landed, form: str) -> None:
    """Say what landed: a sentence for people, a line of JSON for pipelines."""
    if form == "json":
        said = {"path": str(path), "status": landed.status, **landing_summary(landing), "messages": landed.messages}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    if landed.status == "unchanged":
        click.echo(f"{path.name}: already ingested with the same options; nothing changed.")
    else:
        what = (
            ", ".join(dict.fromkeys(f"{r.run.patient}/{r.run.sample} {r.run.assay}" for r in landing.runs))
            or "description of patients, samples or events"
        )
        verb = "replaced" if landed.status == "replaced" else "ingested"
        calls = sum(len(r.calls) for r in landing.runs)
        click.echo(f"{path.name}: {verb} as {landing.source.format} ({what}; {counted(calls, 'call')}).")
    for row in landing.refused[:20]:
        click.echo(f"  line {row.line} not used: {row.reason}", err=True)
    if len(landing.refused) > 20:
        click.echo(f"  ... and {len(landing.refused) - 20} more rows not used.", err=True)
    for sentence in (*landing.notes, *landed.messages):
        click.echo(f"  {visible(sentence)}", err=True)


def landing_summary(landing: Landing) -> dict[str, Any]:
    """What a file held, for a pipeline."""
    return {
        "format": landing.source.format,
        "sha256": landing.source.sha256,
        "runs": [
            {
                "patient": item.run.patient,
                "sample": item.run.sample,
                "assay": item.run.assay,
                "part": item.run.part,
                "calls": len(item.calls),
                "coverage": len(item.coverage),
            }
            for item in landing.runs
        ],
        "refused": [{"line": row.line, "reason": row.reason} for row in landing.refused],
        "notes": list(landing.notes),
    }
