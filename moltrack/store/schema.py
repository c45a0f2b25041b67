"""The tables, the view ``longitudinal`` and the version of both.

What was stated is never changed, only superseded:

``sources``       files that were read
``statements``    what a source (or a person) states about a patient, sample, event or assay
``runs``          one assay on one sample; ``calls`` and ``coverage`` hold its rows exactly as printed
``overrides``     a user's decisions on markers and observations
``audit``         one chained row per run, description, override, edit, rebuild and deletion

What is derived from that can be rebuilt: ``patients``, ``samples``, ``aliases``, ``events`` and ``assays`` (statements
merged), ``markers`` and ``observations``; ``history`` keeps derived rows that no longer hold.

``since`` is the sequence number of the audit row that brought a row, ``superseded_by`` of the one that ended it (NULL =
current). ``payload`` is the whole record as canonical JSON (see ``codec``); the other columns repeat parts of it for
queries and keys.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

#: Newest revision of ``migrations/versions``: what this program reads and writes.
HEAD = "0001"

#: Every revision that was ever released, oldest first.
REVISIONS = ("0001",)

#: Version of the columns of the view ``longitudinal``.
LONGITUDINAL_VERSION = 1

metadata = MetaData()

_Id = BigInteger().with_variant(Integer, "sqlite")
_CURRENT = text("superseded_by IS NULL")


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _since() -> Column[int]:
    return Column("since", _Id, nullable=False)


def _superseded_by() -> Column[int]:
    return Column("superseded_by", _Id)


# As Alembic makes it.
alembic_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

sources = Table(
    "sources",
    metadata,
    Column("source_id", _Id, primary_key=True),
    _text("sha256"),
    _text("name"),
    _text("format"),
    _text("options"),
    Column("size", _Id, nullable=False),
    _text("tool"),
    _text("tool_version"),
    _text("refused"),
    _since(),
    _superseded_by(),
    Index("sources_once", "sha256", "options", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT),
    Index("sources_by_name", "name", "format"),
    sqlite_autoincrement=True,
)

statements = Table(
    "statements",
    metadata,
    Column("statement_id", _Id, primary_key=True),
    Column("source_id", _Id, ForeignKey("sources.source_id")),
    _text("kind"),
    _text("patient"),
    _text("name"),
    _text("payload"),
    _since(),
    _superseded_by(),
    Index("statements_by_patient", "patient", "kind", "name"),
    Index("statements_by_source", "source_id"),
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", _Id, primary_key=True),
    Column("source_id", _Id, ForeignKey("sources.source_id"), nullable=False),
    _text("patient"),
    _text("sample"),
    _text("assay"),
    _text("part"),
    _text("technique"),
    _text("build"),
    Column("calls", Integer, nullable=False),
    Column("coverage", Integer, nullable=False),
    _text("rows_sha256"),
    _text("payload"),
    _since(),
    _superseded_by(),
    Index(
        "runs_once",
        "patient",
        "sample",
        "assay",
        "part",
        unique=True,
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    ),
    Index("runs_by_patient", "patient"),
    Index("runs_by_source", "source_id"),
    Index("runs_by_assay", "assay"),
    sqlite_autoincrement=True,
)

calls = Table(
    "calls",
    metadata,
    Column("run_id", _Id, ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    _text("kind"),
    _text("gene"),
    _text("payload"),
    sqlite_with_rowid=False,
)

coverage = Table(
    "coverage",
    metadata,
    Column("run_id", _Id, ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    _text("scope"),
    _text("name"),
    _text("payload"),
    sqlite_with_rowid=False,
)

overrides = Table(
    "overrides",
    metadata,
    Column("override_id", _Id, primary_key=True),
    _text("patient"),
    _text("action"),
    _text("target"),
    _text("payload"),
    _since(),
    _superseded_by(),
    Index("overrides_by_patient", "patient"),
    sqlite_autoincrement=True,
)

patient_keys = Table("patient_keys", metadata, Column("patient", Text, primary_key=True), _text("key"))

audit = Table(
    "audit",
    metadata,
    Column("sequence", _Id, primary_key=True, autoincrement=False),
    _text("kind"),
    _text("at"),
    _text("by"),
    _text("version"),
    _text("patient", nullable=True),
    _text("subject", nullable=True),
    _text("source_sha256", nullable=True),
    _text("content", nullable=True),
    _text("digest"),
    _text("note"),
    _text("previous"),
    _text("hash"),
    Index("audit_by_patient", "patient"),
)

patients = Table(
    "patients",
    metadata,
    Column("patient", Text, primary_key=True),
    _text("folded"),
    _text("sex"),
    Column("age", Float),
    _text("diagnosis"),
    _text("messages"),
    _text("payload"),
    Index("patients_folded", "folded"),
)

samples = Table(
    "samples",
    metadata,
    Column("patient", Text, primary_key=True),
    Column("sample", Text, primary_key=True),
    _text("time"),
    _text("tissue"),
    _text("phase"),
    _text("label"),
    _text("payload"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("alias", Text, primary_key=True),
    _text("patient"),
    _text("sample"),
    Index("aliases_by_patient", "patient"),
)

events = Table(
    "events",
    metadata,
    Column("patient", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    _text("type"),
    _text("name"),
    _text("start_time"),
    _text("end_time"),
    _text("payload"),
)

assays = Table(
    "assays", metadata, Column("assay", Text, primary_key=True), _text("technique"), _text("same_as"), _text("payload")
)

markers = Table(
    "markers",
    metadata,
    Column("patient", Text, primary_key=True),
    Column("marker", Text, primary_key=True),
    _text("kind"),
    _text("label"),
    _text("genes"),
    _text("lesions"),
    Column("tracked", Boolean, nullable=False),
    _text("classification"),
    _text("payload"),
    _since(),
    sqlite_with_rowid=False,
)

observations = Table(
    "observations",
    metadata,
    Column("patient", Text, primary_key=True),
    Column("sample", Text, primary_key=True),
    Column("assay", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("marker", Text, primary_key=True),
    Column("quantity", Text, primary_key=True),
    Column("denominator", Text, primary_key=True),
    _text("tissue"),
    _text("status"),
    Column("level", Float),
    _text("comparator"),
    _text("printed"),
    Column("cutoff", Float),
    Column("lod", Float),
    Column("loq", Float),
    Column("alt", Float),
    Column("ref", Float),
    Column("depth", Float),
    Column("cells", Float),
    Column("cells_total", Float),
    Column("copies", Float),
    Column("control_copies", Float),
    _text("technique"),
    _text("tool"),
    _text("tool_version"),
    _text("filters"),
    _text("flags"),
    Column("caller_level", Float),
    _text("formula"),
    Column("replicates", Integer, nullable=False),
    _text("text"),
    _text("file"),
    _text("line"),
    _text("sha256"),
    _text("payload"),
    _since(),
    sqlite_with_rowid=False,
)

history = Table(
    "history",
    metadata,
    Column("history_id", _Id, primary_key=True),
    _text("patient"),
    _text("kind"),
    _text("payload"),
    _since(),
    Column("superseded_by", _Id, nullable=False),
    Index("history_by_patient", "patient"),
    sqlite_autoincrement=True,
)

#: What ``Timeline.table()`` shows, for those who query with SQL. The place of a sample and its day need the patient's
#: time axis, which SQL does not have: ``sample_order`` and ``day`` are NULL here.
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


def create(connection: Connection) -> None:
    """Create everything in an empty database, as the newest revision would leave it."""
    metadata.create_all(connection, checkfirst=False)
    connection.exec_driver_sql(LONGITUDINAL)
    connection.execute(alembic_version.insert().values(version_num=HEAD))
