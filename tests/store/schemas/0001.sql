BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE aliases (
	alias TEXT NOT NULL, 
	patient TEXT NOT NULL, 
	sample TEXT NOT NULL, 
	PRIMARY KEY (alias)
);
CREATE TABLE assays (
	assay TEXT NOT NULL, 
	technique TEXT NOT NULL, 
	same_as TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (assay)
);
CREATE TABLE audit (
	sequence INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	at TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	version TEXT NOT NULL, 
	patient TEXT, 
	subject TEXT, 
	source_sha256 TEXT, 
	content TEXT, 
	digest TEXT NOT NULL, 
	note TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (sequence)
);
INSERT INTO "audit" VALUES(1,'run','2026-11-25T08:32:38.358323Z','kim','0.1.0','P01','S1/mutect2','0d18bf8413f4e0766fc3ee5f57229996498016baa95816ec26a2263ac4a689a8','e4785b4dabae040cc9307ec31b5e40bda097b4fddfc390860c04f27d6b30a16d','bb5726d155c637377fa94639b02f0bce9f18fed8166d74bae8aca4e603a8073f','','0000000000000000000000000000000000000000000000000000000000000000','d335636455a5bc1a18d3dba7f9ad38d1b1132f918b1783e1d524b9ea402899b5');
INSERT INTO "audit" VALUES(2,'run','2026-11-25T08:32:38.365768Z','kim','0.1.0','P01','S2/mutect2','119899b764207121e10fc6e89c82e758079f8664577a58c02b0cb83fd9c44bce','01f4e85fb881c8d157373fd1b6dff763e4ea8de6cf95dd4ec4df7d2eb1d42150','5be744d60a05fd9178c1567460257e24fc4fb9315023bcdb74c7926ab3399926','','d335636455a5bc1a18d3dba7f9ad38d1b1132f918b1783e1d524b9ea402899b5','126f3b00cbd9ba63d74bc6f7aa5ab62e15520a7dde432206dbfa5cf316260d65');
INSERT INTO "audit" VALUES(3,'run','2026-11-25T08:32:38.374165Z','kim','0.1.0','P01','S2/mutect2','1ab4a91994a60499cc3179d949aee70f636dbb47133e208a1c61971502234e3b','40a49f7d72d3e7aaf4d1170ba947f4375d6540ce72638ad330dc28a9fb532c4a','93faad77c2de3e2e56ba91fb96f901cca8fb02b42d59a62ee877a5dd7d46f3bc','','126f3b00cbd9ba63d74bc6f7aa5ab62e15520a7dde432206dbfa5cf316260d65','b9b5b3d21024c11fb0a9a2d8ad6ddf873ea4ef840cb6a84116da4e2edb4d8d9d');
INSERT INTO "audit" VALUES(4,'description','2026-11-25T08:32:38.380196Z','kim','0.1.0','P01','','51dd1e1e9f3e874bd7243eefface185da974873d02966be9e45298c6d0f85d5c','b6da83c8cc604afff205ca44f7fc169ef8d7cd32c75f47207daf12f3a3017195','b2a97dd71ddf859cc714ae763545a9a764232e37cf74fb29c806c43aa1fcab5f','','b9b5b3d21024c11fb0a9a2d8ad6ddf873ea4ef840cb6a84116da4e2edb4d8d9d','e35c11ede12c153c502258c4576a5f700677ecfa0726f0b27d3fe7fa48184bf8');
INSERT INTO "audit" VALUES(5,'run','2026-11-25T08:32:38.383909Z','kim','0.1.0',NULL,NULL,NULL,NULL,'370e4e504c56aea949441a195302adb2a36c8000b213cde637242e95e24971a2','','e35c11ede12c153c502258c4576a5f700677ecfa0726f0b27d3fe7fa48184bf8','bd562cb4dee7e63fc69a6b3bcc62d03bff03371405b3def5b0d3e723676572ad');
INSERT INTO "audit" VALUES(6,'override','2026-11-25T08:32:38.389200Z','kim','0.1.0','P01','track FLT3','','869484cb715878be17acc2303932639eb037fce6d8989659ab83fc7d353ad643','e2e63f77886bcee331ee90cb8b04383644ef5dbb4b89eb19d8ea65a4cd6b544b','','bd562cb4dee7e63fc69a6b3bcc62d03bff03371405b3def5b0d3e723676572ad','684fa5ba1cacf441efbf070f5d60d5db9a85623805880607e26420705bc1480c');
INSERT INTO "audit" VALUES(7,'delete','2026-11-25T08:32:38.394426Z','kim','0.1.0','','','','e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','f03857889324fd41d5b507c6e161ae0487587f82466d9057932e92bce8b21a63','[5]','684fa5ba1cacf441efbf070f5d60d5db9a85623805880607e26420705bc1480c','6214e016d704f5a2aea146852482c23eed19ef95fc7e5bf5f15ebab70ae2272c');
CREATE TABLE calls (
	run_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	line INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	gene TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (run_id, number), 
	FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "calls" VALUES(1,1,7,'SmallVariant','NPM1','{"finding":{"alt":"CTCTG","build":"GRCh38","chrom":"5","gene":"NPM1","pos":171410539,"ref":"C","type":"SmallVariant"},"levels":[{"quantity":"vaf","text":"12.5 %","unit":"%","value":"12.5"}],"line":7}');
INSERT INTO "calls" VALUES(2,1,7,'SmallVariant','FLT3','{"finding":{"alt":"CTCTG","build":"GRCh38","chrom":"5","gene":"FLT3","pos":171410539,"ref":"C","type":"SmallVariant"},"levels":[{"quantity":"vaf","text":"30 %","unit":"%","value":"30"}],"line":7}');
INSERT INTO "calls" VALUES(3,1,7,'SmallVariant','FLT3','{"finding":{"alt":"CTCTG","build":"GRCh38","chrom":"5","gene":"FLT3","pos":171410539,"ref":"C","type":"SmallVariant"},"levels":[{"quantity":"vaf","text":"40 %","unit":"%","value":"40"}],"line":7}');
CREATE TABLE coverage (
	run_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	line INTEGER NOT NULL, 
	scope TEXT NOT NULL, 
	name TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (run_id, number), 
	FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE events (
	patient TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	name TEXT NOT NULL, 
	start_time TEXT NOT NULL, 
	end_time TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (patient, number)
);
INSERT INTO "events" VALUES('P01',1,'treatment','7+3','2021-05-20','','{"name":"7+3","patient":"P01","start":{"first":"2021-05-20","last":"2021-05-20"},"type":"treatment"}');
CREATE TABLE history (
	history_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	patient TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	superseded_by INTEGER NOT NULL
);
INSERT INTO "history" VALUES(1,'P01','observation','{"assay":"mutect2","level":0.3,"marker":"FLT3","origins":[{"file":"b.vcf","line":7,"sha256":"119899b764207121e10fc6e89c82e758079f8664577a58c02b0cb83fd9c44bce"}],"patient":"P01","printed":"30 %","quantity":"vaf","sample":"S2","status":"detected","technique":"DNA sequencing","tissue":"unknown"}',2,3);
CREATE TABLE markers (
	patient TEXT NOT NULL, 
	marker TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	label TEXT NOT NULL, 
	genes TEXT NOT NULL, 
	lesions TEXT NOT NULL, 
	tracked BOOLEAN NOT NULL, 
	classification TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	PRIMARY KEY (patient, marker)
)
 WITHOUT ROWID

;
INSERT INTO "markers" VALUES('P01','FLT3','small_variant','FLT3','FLT3','',1,'','{"genes":["FLT3"],"id":"FLT3","kind":"small_variant","label":"FLT3"}',2);
INSERT INTO "markers" VALUES('P01','NPM1','small_variant','NPM1','NPM1','',1,'','{"genes":["NPM1"],"id":"NPM1","kind":"small_variant","label":"NPM1"}',1);
CREATE TABLE observations (
	patient TEXT NOT NULL, 
	sample TEXT NOT NULL, 
	assay TEXT NOT NULL, 
	part TEXT NOT NULL, 
	marker TEXT NOT NULL, 
	quantity TEXT NOT NULL, 
	denominator TEXT NOT NULL, 
	tissue TEXT NOT NULL, 
	status TEXT NOT NULL, 
	level FLOAT, 
	comparator TEXT NOT NULL, 
	printed TEXT NOT NULL, 
	cutoff FLOAT, 
	lod FLOAT, 
	loq FLOAT, 
	alt FLOAT, 
	ref FLOAT, 
	depth FLOAT, 
	cells FLOAT, 
	cells_total FLOAT, 
	copies FLOAT, 
	control_copies FLOAT, 
	technique TEXT NOT NULL, 
	tool TEXT NOT NULL, 
	tool_version TEXT NOT NULL, 
	filters TEXT NOT NULL, 
	flags TEXT NOT NULL, 
	caller_level FLOAT, 
	formula TEXT NOT NULL, 
	replicates INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	file TEXT NOT NULL, 
	line TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	PRIMARY KEY (patient, sample, assay, part, marker, quantity, denominator)
)
 WITHOUT ROWID

;
INSERT INTO "observations" VALUES('P01','S1','mutect2','','NPM1','vaf','','BM','detected',0.125,'','12.5 %',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'DNA sequencing','','','','',NULL,'',1,'','a.vcf','7','0d18bf8413f4e0766fc3ee5f57229996498016baa95816ec26a2263ac4a689a8','{"assay":"mutect2","level":0.125,"marker":"NPM1","origins":[{"file":"a.vcf","line":7,"sha256":"0d18bf8413f4e0766fc3ee5f57229996498016baa95816ec26a2263ac4a689a8"}],"patient":"P01","printed":"12.5 %","quantity":"vaf","sample":"S1","status":"detected","technique":"DNA sequencing","tissue":"BM"}',1);
INSERT INTO "observations" VALUES('P01','S2','mutect2','','FLT3','vaf','','unknown','detected',0.4,'','40 %',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'DNA sequencing','','','','',NULL,'',1,'','b.vcf','7','1ab4a91994a60499cc3179d949aee70f636dbb47133e208a1c61971502234e3b','{"assay":"mutect2","level":0.4,"marker":"FLT3","origins":[{"file":"b.vcf","line":7,"sha256":"1ab4a91994a60499cc3179d949aee70f636dbb47133e208a1c61971502234e3b"}],"patient":"P01","printed":"40 %","quantity":"vaf","sample":"S2","status":"detected","technique":"DNA sequencing","tissue":"unknown"}',3);
CREATE TABLE overrides (
	override_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	patient TEXT NOT NULL, 
	action TEXT NOT NULL, 
	target TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	superseded_by INTEGER
);
INSERT INTO "overrides" VALUES(1,'P01','track','FLT3','{"action":"track","by":"kim","patient":"P01","reason":"followed by the laboratory","target":"FLT3","value":""}',6,NULL);
CREATE TABLE patient_keys (
	patient TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	PRIMARY KEY (patient)
);
INSERT INTO "patient_keys" VALUES('P01','cade6f7048b830c794f6709bbf405d24bd16f9d93c272b149d476ab308c097d6');
CREATE TABLE patients (
	patient TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	sex TEXT NOT NULL, 
	age FLOAT, 
	diagnosis TEXT NOT NULL, 
	messages TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (patient)
);
INSERT INTO "patients" VALUES('P01','p01','',NULL,'','[]','{"patient":"P01"}');
CREATE TABLE runs (
	run_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER NOT NULL, 
	patient TEXT NOT NULL, 
	sample TEXT NOT NULL, 
	assay TEXT NOT NULL, 
	part TEXT NOT NULL, 
	technique TEXT NOT NULL, 
	build TEXT NOT NULL, 
	calls INTEGER NOT NULL, 
	coverage INTEGER NOT NULL, 
	rows_sha256 TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	superseded_by INTEGER, 
	FOREIGN KEY(source_id) REFERENCES sources (source_id)
);
INSERT INTO "runs" VALUES(1,1,'P01','S1','mutect2','','DNA sequencing','',1,0,'dcb0929213d157400329e3ea853bbb9b78908a28e77f2be44a280dfed1af6545','{"assay":"mutect2","file":"a.vcf","format":"vcf","patient":"P01","sample":"S1","sha256":"0d18bf8413f4e0766fc3ee5f57229996498016baa95816ec26a2263ac4a689a8","technique":"DNA sequencing"}',1,NULL);
INSERT INTO "runs" VALUES(2,2,'P01','S2','mutect2','','DNA sequencing','',1,0,'8084cdbe505739a65e08142012e86462d89efbe2c7ae541ada903285ef4eeafe','{"assay":"mutect2","file":"b.vcf","format":"vcf","patient":"P01","sample":"S2","sha256":"119899b764207121e10fc6e89c82e758079f8664577a58c02b0cb83fd9c44bce","technique":"DNA sequencing"}',2,3);
INSERT INTO "runs" VALUES(3,3,'P01','S2','mutect2','','DNA sequencing','',1,0,'5b424639f43eb9cb7fd4b7a8ecb77d3bca39c746a9b684009d08dcded183c6f0','{"assay":"mutect2","file":"b.vcf","format":"vcf","patient":"P01","sample":"S2","sha256":"1ab4a91994a60499cc3179d949aee70f636dbb47133e208a1c61971502234e3b","technique":"DNA sequencing"}',3,NULL);
CREATE TABLE samples (
	patient TEXT NOT NULL, 
	sample TEXT NOT NULL, 
	time TEXT NOT NULL, 
	tissue TEXT NOT NULL, 
	phase TEXT NOT NULL, 
	label TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (patient, sample)
);
INSERT INTO "samples" VALUES('P01','S1','2021-05-12','BM','','','{"patient":"P01","sample":"S1","time":{"first":"2021-05-12","last":"2021-05-12"},"tissue":"BM"}');
INSERT INTO "samples" VALUES('P01','S2','time unknown','unknown','','','{"patient":"P01","sample":"S2"}');
CREATE TABLE sources (
	source_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	sha256 TEXT NOT NULL, 
	name TEXT NOT NULL, 
	format TEXT NOT NULL, 
	options TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	tool TEXT NOT NULL, 
	tool_version TEXT NOT NULL, 
	refused TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	superseded_by INTEGER
);
INSERT INTO "sources" VALUES(1,'0d18bf8413f4e0766fc3ee5f57229996498016baa95816ec26a2263ac4a689a8','a.vcf','vcf','{}',0,'','','[]',1,NULL);
INSERT INTO "sources" VALUES(2,'119899b764207121e10fc6e89c82e758079f8664577a58c02b0cb83fd9c44bce','b.vcf','vcf','{}',0,'','','[]',2,3);
INSERT INTO "sources" VALUES(3,'1ab4a91994a60499cc3179d949aee70f636dbb47133e208a1c61971502234e3b','b.vcf','vcf','{}',0,'','','[]',3,NULL);
INSERT INTO "sources" VALUES(4,'51dd1e1e9f3e874bd7243eefface185da974873d02966be9e45298c6d0f85d5c','events.csv','events','{}',0,'','','[]',4,NULL);
CREATE TABLE statements (
	statement_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER, 
	kind TEXT NOT NULL, 
	patient TEXT NOT NULL, 
	name TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	superseded_by INTEGER, 
	FOREIGN KEY(source_id) REFERENCES sources (source_id)
);
INSERT INTO "statements" VALUES(1,1,'sample','P01','S1','{"patient":"P01","sample":"S1","time":{"first":"2021-05-12","last":"2021-05-12"},"tissue":"BM"}',1,NULL);
INSERT INTO "statements" VALUES(2,4,'event','P01','7+3','{"name":"7+3","patient":"P01","start":{"first":"2021-05-20","last":"2021-05-20"},"type":"treatment"}',4,NULL);
CREATE INDEX sources_by_name ON sources (name, format);
CREATE UNIQUE INDEX sources_once ON sources (sha256, options) WHERE superseded_by IS NULL;
CREATE INDEX overrides_by_patient ON overrides (patient);
CREATE INDEX audit_by_patient ON audit (patient);
CREATE INDEX patients_folded ON patients (folded);
CREATE INDEX aliases_by_patient ON aliases (patient);
CREATE INDEX history_by_patient ON history (patient);
CREATE INDEX statements_by_source ON statements (source_id);
CREATE INDEX statements_by_patient ON statements (patient, kind, name);
CREATE UNIQUE INDEX runs_once ON runs (patient, sample, assay, part) WHERE superseded_by IS NULL;
CREATE INDEX runs_by_source ON runs (source_id);
CREATE INDEX runs_by_assay ON runs (assay);
CREATE INDEX runs_by_patient ON runs (patient);
CREATE VIEW longitudinal AS
SELECT o.patient, o.sample, CAST(NULL AS INTEGER) AS sample_order, COALESCE(s.time, '') AS time,
    CAST(NULL AS DOUBLE PRECISION) AS day, o.tissue, COALESCE(s.phase, '') AS phase, o.marker, m.label, m.kind, m.genes,
    m.lesions, m.tracked, o.quantity, o.denominator, o.status, o.level, o.comparator, o.printed, o.cutoff, o.lod, o.loq,
    o.alt, o.ref, o.depth, o.cells, o.cells_total, o.copies, o.control_copies, o.assay, o.technique, o.tool,
    o.tool_version, o.filters, o.flags, o.caller_level, o.formula, o.replicates, o.text, o.file, o.line, o.sha256
FROM observations o
JOIN markers m ON m.patient = o.patient AND m.marker = o.marker
LEFT JOIN samples s ON s.patient = o.patient AND s.sample = o.sample;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('sources',5);
INSERT INTO "sqlite_sequence" VALUES('statements',2);
INSERT INTO "sqlite_sequence" VALUES('runs',4);
INSERT INTO "sqlite_sequence" VALUES('history',1);
INSERT INTO "sqlite_sequence" VALUES('overrides',1);
COMMIT;
