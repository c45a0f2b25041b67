"""The first schema.

Revision 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CURRENT = sa.text("superseded_by IS NULL")

LONGITUDINAL = """
CREATE VIEW longitudinal AS
SELECT o.patient, o.sample, CAST(NULL AS INTEGER) AS sample_order, COALESCE(s.time, '') AS time,
    CAST(NULL AS DOUBLE PRECISION) AS day, o.tissue, COALESCE(s.phase, '') AS phase, o.marker, m.label, m.kind, m.genes,
    m.lesions, m.tracked, o.quantity, o.denominator, o.status, o.level, o.comparator, o.printed, o.cutoff, o.lod, o.loq,
    o.alt, o.ref, o.depth, o.cells, o.cells_total, o.copies, o.control_copies, o.assay, o.technique, o.tool,
    o.tool_version, o.filters, o.flags, o.caller_level, o.formula, o.replicates, o.text, o.file, o.line, o.sha256
FROM observations o
JOIN markers m ON m.patient = o.patient AND m.marker = o.marker
LEFT JOIN samples s ON s.patient = o.patient AND s.sample = o.sample
"""


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=True)


def upgrade() -> None:
    op.create_table("aliases", _text("alias"), _text("patient"), _text("sample"), sa.PrimaryKeyConstraint("alias"))
    op.create_index("aliases_by_patient", "aliases", ["patient"])
    op.create_table(
        "assays",
        _text("assay"),
        _text("technique"),
        _text("same_as"),
        _text("payload"),
        sa.PrimaryKeyConstraint("assay"),
    )
    op.create_table(
        "audit",
        sa.Column("sequence", Id, autoincrement=False, nullable=False),
        _text("kind"),
        _text("at"),
        _text("by"),
        _text("version"),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("source_sha256", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        _text("digest"),
        _text("note"),
        _text("previous"),
        _text("hash"),
        sa.PrimaryKeyConstraint("sequence"),
    )
    op.create_index("audit_by_patient", "audit", ["patient"])
    op.create_table(
        "events",
        _text("patient"),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("type"),
        _text("name"),
        _text("start_time"),
        _text("end_time"),
        _text("payload"),
        sa.PrimaryKeyConstraint("patient", "number"),
    )
    op.create_table(
        "history",
        sa.Column("history_id", Id, nullable=False),
        _text("patient"),
        _text("kind"),
        _text("payload"),
        sa.Column("since", Id, nullable=False),
        sa.Column("superseded_by", Id, nullable=False),
        sa.PrimaryKeyConstraint("history_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("history_by_patient", "history", ["patient"])
    op.create_table(
        "markers",
        _text("patient"),
        _text("marker"),
        _text("kind"),
        _text("label"),
        _text("genes"),
        _text("lesions"),
        sa.Column("tracked", sa.Boolean(), nullable=False),
        _text("classification"),
        _text("payload"),
        sa.Column("since", Id, nullable=False),
        sa.PrimaryKeyConstraint("patient", "marker"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "observations",
        _text("patient"),
        _text("sample"),
        _text("assay"),
        _text("part"),
        _text("marker"),
        _text("quantity"),
        _text("denominator"),
        _text("tissue"),
        _text("status"),
        _number("level"),
        _text("comparator"),
        _text("printed"),
        _number("cutoff"),
        _number("lod"),
        _number("loq"),
        _number("alt"),
        _number("ref"),
        _number("depth"),
        _number("cells"),
        _number("cells_total"),
        _number("copies"),
        _number("control_copies"),
        _text("technique"),
        _text("tool"),
        _text("tool_version"),
        _text("filters"),
        _text("flags"),
        _number("caller_level"),
        _text("formula"),
        sa.Column("replicates", sa.Integer(), nullable=False),
        _text("text"),
        _text("file"),
        _text("line"),
        _text("sha256"),
        _text("payload"),
        sa.Column("since", Id, nullable=False),
        sa.PrimaryKeyConstraint("patient", "sample", "assay", "part", "marker", "quantity", "denominator"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "overrides",
        sa.Column("override_id", Id, nullable=False),
        _text("patient"),
        _text("action"),
        _text("target"),
        _text("payload"),
        sa.Column("since", Id, nullable=False),
        sa.Column("superseded_by", Id, nullable=True),
        sa.PrimaryKeyConstraint("override_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("overrides_by_patient", "overrides", ["patient"])
    op.create_table("patient_keys", _text("patient"), _text("key"), sa.PrimaryKeyConstraint("patient"))
    op.create_table(
        "patients",
        _text("patient"),
        _text("folded"),
        _text("sex"),
        _number("age"),
        _text("diagnosis"),
        _text("messages"),
        _text("payload"),
        sa.PrimaryKeyConstraint("patient"),
    )
    op.create_index("patients_folded", "patients", ["folded"])
    op.create_table(
        "samples",
        _text("patient"),
        _text("sample"),
        _text("time"),
        _text("tissue"),
        _text("phase"),
        _text("label"),
        _text("payload"),
        sa.PrimaryKeyConstraint("patient", "sample"),
    )
    op.create_table(
        "sources",
        sa.Column("source_id", Id, nullable=False),
        _text("sha256"),
        _text("name"),
        _text("format"),
        _text("options"),
        sa.Column("size", Id, nullable=False),
        _text("tool"),
        _text("tool_version"),
        _text("refused"),
        sa.Column("since", Id, nullable=False),
        sa.Column("superseded_by", Id, nullable=True),
        sa.PrimaryKeyConstraint("source_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("sources_by_name", "sources", ["name", "format"])
    op.create_index(
        "sources_once", "sources", ["sha256", "options"], unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT
    )
    op.create_table(
        "runs",
        sa.Column("run_id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        _text("patient"),
        _text("sample"),
        _text("assay"),
        _text("part"),
        _text("technique"),
        _text("build"),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("coverage", sa.Integer(), nullable=False),
        _text("rows_sha256"),
        _text("payload"),
        sa.Column("since", Id, nullable=False),
        sa.Column("superseded_by", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.source_id"],
        ),
        sa.PrimaryKeyConstraint("run_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_by_assay", "runs", ["assay"])
    op.create_index("runs_by_patient", "runs", ["patient"])
    op.create_index("runs_by_source", "runs", ["source_id"])
    op.create_index(
        "runs_once",
        "runs",
        ["patient", "sample", "assay", "part"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )
    op.create_table(
        "statements",
        sa.Column("statement_id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=True),
        _text("kind"),
        _text("patient"),
        _text("name"),
        _text("payload"),
        sa.Column("since", Id, nullable=False),
        sa.Column("superseded_by", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.source_id"],
        ),
        sa.PrimaryKeyConstraint("statement_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("statements_by_patient", "statements", ["patient", "kind", "name"])
    op.create_index("statements_by_source", "statements", ["source_id"])
    op.create_table(
        "calls",
        sa.Column("run_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        _text("kind"),
        _text("gene"),
        _text("payload"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "coverage",
        sa.Column("run_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        _text("scope"),
        _text("name"),
        _text("payload"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "number"),
        sqlite_with_rowid=False,
    )
    op.execute(LONGITUDINAL)
