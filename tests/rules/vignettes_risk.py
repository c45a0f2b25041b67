"""Genetic-risk vignettes: findings (everything else tested and negative) and what each guideline says of them.

F favorable, I intermediate, A adverse; ``NA{..}`` not assessable with the possible categories; ``conv`` the usual category where the text
is silent; ``-`` not applicable. Sources: Döhner, Blood 2017;129:424, Table 5 (2017); Döhner, Blood 2022;140:1345, Table 6 (2022); Döhner,
Blood 2024;144:2169, Table 1 (LI); each row says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CYTOGENETIC = (
    "t_8_21", "inv16_t16_16", "t_15_17", "t_9_11", "t_v_11q23_other", "kmt2a_r_partner_unknown", "t_6_9", "t_9_22", "t_8_16", "inv3_t3_3",
    "mecom_other", "minus5_5q", "minus7", "minus17_abn17p", "complex", "monosomal", "hyperdiploid",
)  # fmt: skip
FUSIONS = (
    "t_8_21",
    "inv16_t16_16",
    "t_15_17",
    "t_9_11",
    "t_v_11q23_other",
    "kmt2a_r_partner_unknown",
    "t_6_9",
    "t_9_22",
    "t_8_16",
    "inv3_t3_3",
    "mecom_other",
)
LOSSES = ("minus5_5q", "minus7", "minus17_abn17p", "complex", "monosomal", "hyperdiploid")
MR_GENES = ("ASXL1", "BCOR", "EZH2", "RUNX1", "SF3B1", "SRSF2", "STAG2", "U2AF1", "ZRSR2")
PANEL = (*MR_GENES, "TP53", "CEBPA_biallelic", "CEBPA_bZIP", "IDH1", "IDH2", "DDX41", "NRAS", "KRAS", "KMT2A_PTD")
EVERYTHING = (*CYTOGENETIC, *PANEL, "NPM1", "FLT3_ITD", "hma_pretreated", "aza_ivo")


@dataclass(frozen=True)
class Vignette:
    id: str
    present: tuple[str, ...]
    eln2017: str
    eln2022: str
    eln2024li: str
    why: str
    unknown: tuple[str, ...] = ()
    numbers: dict[str, tuple[float, float]] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)


def ar(value: float, high: float | None = None) -> dict[str, tuple[float, float]]:
    return {"FLT3_ITD_AR": (value, value if high is None else high)}


def vaf(value: float) -> dict[str, tuple[float, float]]:
    return {"TP53_VAF": (value, value)}


V = Vignette
VIGNETTES = (
    V("R01", ("t_8_21",), "F", "F", "F", "class-defining favorable row"),
    V("R02", ("t_8_21",), "F", "F", "F", "KIT D816V is no marker in 2017 and LI; 2022 states no effect"),
    V("R03", ("t_8_21", "ASXL1"), "F", "F", "F", "ASXL1 not adverse with a favorable subtype (stated 2017, 2022)"),
    V(
        "R04",
        ("t_8_21", "complex"),
        "F",
        "F",
        "F",
        "-Y, del(9q), +8 beside t(8;21): complex needs absence of a class-defining lesion",
    ),
    V(
        "R05",
        ("inv16_t16_16", "FLT3_ITD"),
        "NA{F,A}; conv F",
        "F",
        "I",
        "2022 states that FLT3 has no effect; 2017 has both rows, no note",
        numbers=ar(0.8),
    ),
    V("R06", ("t_8_21", "minus7"), "NA{F,A}; conv F", "NA{F,A}; conv F", "F", "F row and A row, no precedence stated"),
    V(
        "R07",
        ("inv16_t16_16", "TP53"),
        "NA{F,A}; conv F",
        "NA{F,A}; conv F",
        "A",
        "same; LI adverse by TP53",
        numbers=vaf(0.3),
    ),
    V("R08", ("NPM1",), "F", "F", "F", "NPM1 without FLT3-ITD"),
    V("R09", ("NPM1", "FLT3_ITD"), "F", "I", "I", "0.49 is low; 2022 ignores the ratio", numbers=ar(0.49)),
    V("R10", ("NPM1", "FLT3_ITD"), "I", "I", "I", "0.50 is high", numbers=ar(0.50)),
    V("R11", ("NPM1", "FLT3_ITD"), "NA{F,I}", "I", "I", "the ratio, not reported, matters only in 2017"),
    V(
        "R12",
        ("NPM1",),
        "NA{F,I}",
        "NA{F,I}",
        "NA{F,I}",
        "the ITD, not tested, decides everywhere",
        unknown=("FLT3_ITD",),
    ),
    V(
        "R13",
        ("NPM1", "FLT3_ITD"),
        "NA{F,I}",
        "I",
        "I",
        "33.3 % mutant fraction: ratio in [0.498, 0.5004), straddles 0.5",
        numbers=ar(0.3325 / 0.6675, 0.3335 / 0.6665),
    ),
    V(
        "R14",
        ("NPM1", "FLT3_ITD"),
        "NA{F,I}",
        "I",
        "I",
        "two ITDs of 0.30: the text is silent on summing",
        numbers=ar(0.30, 0.60),
    ),
    V("R15", ("FLT3_ITD",), "I", "I", "I", "low ratio, NPM1 wild type", numbers=ar(0.49)),
    V("R16", ("FLT3_ITD",), "A", "I", "I", "2017 adverse row", numbers=ar(0.50)),
    V("R17", ("FLT3_ITD",), "NA{I,A}", "I", "I", "ratio not reported"),
    V("R18", ("FLT3_ITD", "SRSF2"), "I", "A", "I", "SRSF2 only from 2022 on", numbers=ar(0.2)),
    V("R19", ("NPM1", "SRSF2"), "F", "F", "F", "MR gene exempt with a favorable subtype"),
    V(
        "R20",
        ("NPM1", "FLT3_ITD", "ASXL1"),
        "F",
        "A",
        "I",
        "2017: low ratio is favorable, exempt; 2022: derived",
        numbers=ar(0.2),
        flags={"eln2022": "contested"},
    ),
    V(
        "R21",
        ("NPM1", "FLT3_ITD", "RUNX1"),
        "A",
        "A",
        "I",
        "the exemption covers favorable subtypes only",
        numbers=ar(0.9),
        flags={"eln2022": "contested"},
    ),
    V("R22", ("NPM1", "minus7"), "NA{F,A}; conv A", "A", "F", "2022 stated; 2017 silent"),
    V("R23", ("NPM1", "t_9_11"), "NA{F,I}; conv I", "NA{F,I}; conv I", "F", "F row and I row"),
    V("R24", ("NPM1", "t_v_11q23_other"), "NA{F,A}; conv A", "A", "F", "KMT2A::ELL; 2022 stated; 2017 silent"),
    V(
        "R25",
        ("NPM1", "TP53"),
        "NA{F,A}; conv A",
        "NA{F,A}; conv A",
        "A",
        "TP53 is not in the exemption list",
        numbers=vaf(0.35),
    ),
    V(
        "R26",
        ("NPM1", "TP53"),
        "NA{F,A}; conv A",
        "F",
        "A",
        "9.9 %: 2017 and LI tables give no floor",
        numbers=vaf(0.099),
        flags={"eln2024li": "tp53_low_vaf"},
    ),
    V("R27", ("TP53",), "A", "A", "A", "10.0 % is at least 10 %", numbers=vaf(0.10)),
    V(
        "R28",
        ("TP53",),
        "A",
        "I",
        "A",
        "9.9 % is below the floor of 2022",
        numbers=vaf(0.099),
        flags={"eln2024li": "tp53_low_vaf"},
    ),
    V("R29", ("TP53",), "A", "NA{I,A}", "A", "VAF missing"),
    V("R30", ("TP53", "minus5_5q"), "A", "A", "A", "the missing VAF does not matter"),
    V("R31", ("CEBPA_biallelic", "CEBPA_bZIP"), "F", "F", "F", "N-terminal frameshift and bZIP in-frame"),
    V("R32", ("CEBPA_bZIP",), "I", "F", "F", "p.Lys313dup alone: 2017 needs biallelic"),
    V("R33", (), "I", "I", "F", "single N-terminal frameshift: no row"),
    V("R34", ("CEBPA_biallelic",), "F", "I", "F", "two N-terminal frameshifts: 2022 needs bZIP in-frame"),
    V("R35", (), "I", "I", "F", "single bZIP frameshift p.Arg343fs: not in-frame"),
    V(
        "R36",
        ("CEBPA_bZIP", "FLT3_ITD"),
        "A",
        "NA{F,I}; conv F",
        "I",
        "2022: the FLT3 note is on the CBF rows only",
        numbers=ar(0.6),
    ),
    V("R37", ("CEBPA_bZIP", "ASXL1"), "A", "F", "F", "exempt in 2022"),
    V("R38", ("CEBPA_bZIP", "minus5_5q"), "A", "NA{F,A}; conv A", "F", "the cytogenetics note names NPM1 only"),
    V("R39", ("t_9_11",), "I", "I", "F", "own row"),
    V("R40", ("t_9_11", "TP53"), "I", "I", "A", "precedence over gene mutations stated", numbers=vaf(0.4)),
    V("R41", ("t_9_11", "ASXL1", "RUNX1"), "I", "I", "F", "same"),
    V("R42", ("t_9_11", "minus7"), "NA{I,A}; conv I", "NA{I,A}; conv I", "F", "the note covers gene mutations only"),
    V("R43", ("t_v_11q23_other",), "A", "A", "F", "KMT2A::AFDN"),
    V("R44", ("KMT2A_PTD",), "I", "I", "F", "not a rearrangement (stated 2022)", flags={"eln2017": "ptd"}),
    V(
        "R45",
        ("kmt2a_r_partner_unknown",),
        "NA{I,A}",
        "NA{I,A}",
        "F",
        "MLLT3 or another partner",
        unknown=("t_9_11", "t_v_11q23_other"),
    ),
    V("R46", ("t_8_16",), "I", "A", "F", "new in 2022"),
    V("R47", ("mecom_other",), "I", "A", "F", "RUNX1::MECOM, new in 2022"),
    V("R48", ("inv3_t3_3", "NRAS"), "A", "A", "I", "inv(3)"),
    V("R49", ("t_6_9", "FLT3_ITD"), "A", "A", "I", "t(6;9)", numbers=ar(0.7)),
    V(
        "R50",
        ("t_9_22",),
        "A",
        "A",
        "F",
        "BCR::ABL1 without history of CML",
        flags={"eln2017": "exclude_cml", "eln2022": "exclude_cml"},
    ),
    V("R51", ("complex", "hyperdiploid"), "A", "I", "F", "49,XX,+8,+13,+21: complex in 2017, excluded in 2022"),
    V("R52", ("complex",), "A", "A", "F", "one structural change ends the exclusion"),
    V("R53", ("minus7",), "A", "A", "F", "45,XX,-7"),
    V("R54", (), "I", "I", "F", "del(7)(q22) sole: only -7 is listed"),
    V("R55", (), "I", "I", "F", "45,X,-Y sole: sex-chromosome loss not counted"),
    V("R56", ("monosomal",), "A", "A", "F", "45,XX,-18,del(12)(p12)"),
    V("R57", ("monosomal",), "A", "A", "F", "44,XX,-18,-21"),
    V("R58", ("minus17_abn17p",), "A", "A", "F", "i(17)(q10) loses 17p"),
    V("R59", ("complex",), "A", "A", "F", "three unrelated, TP53 wild type"),
    V("R60", ("EZH2",), "I", "A", "F", "the list of MR genes is of 2022"),
    V("R61", (), "I", "I", "F", "FLT3 D835Y is no ITD"),
    V(
        "R62",
        ("NPM1",),
        "NA{F,I,A}",
        "NA{F,I,A}",
        "F",
        "karyotype failed, no fusion test; LI ignores cytogenetics",
        unknown=(*FUSIONS, *LOSSES),
    ),
    V(
        "R63",
        ("TP53",),
        "A",
        "A",
        "A",
        "karyotype failed, all fusions excluded: the unknown does not matter",
        unknown=LOSSES,
        numbers=vaf(0.4),
    ),
    V("R64", ("ASXL1",), "NA{F,I,A}", "NA{F,I,A}", "F", "CBF or t(9;11) not excluded", unknown=(*FUSIONS, *LOSSES)),
    V(
        "R65",
        (),
        "NA{F,I,A}",
        "NA{F,I,A}",
        "NA{F,I,A}",
        "normal karyotype, NPM1 and ITD absent, panel not done",
        unknown=PANEL,
    ),
    V(
        "R66",
        ("minus5_5q", "minus17_abn17p", "complex"),
        "A",
        "A",
        "NA{F,I,A}",
        "every completion adverse (convention)",
        unknown=(*PANEL, "NPM1", "FLT3_ITD"),
    ),
    V("R67", ("t_15_17", "FLT3_ITD"), "-", "-", "-", "APL: not applicable"),
    V("R68", ("NPM1", "hma_pretreated"), "F", "F", "-", "LI excludes patients pretreated with HMA"),
    V("R69", ("IDH1", "NRAS", "aza_ivo"), "I", "I", "F", "LI: signaling ignored"),
    V("R70", ("IDH1", "NRAS"), "I", "I", "I", "given venetoclax and azacitidine"),
    V("R71", ("IDH1", "NRAS"), "I", "I", "NA{F,I}", "therapy unknown", unknown=("aza_ivo",)),
    V("R72", ("IDH2", "KRAS"), "I", "I", "I", "signaling"),
    V("R73", ("DDX41", "NRAS"), "I", "I", "F", "LI row has no condition"),
    V("R74", ("DDX41", "TP53"), "A", "A", "NA{F,A}; conv A", "LI: F row and A row", numbers=vaf(0.2)),
)

TENTATIVE = {
    *(f"R{n:02d}" for n in (1, 2, 3, 4, 6, *range(31, 36), 37, 38, 39, *range(41, 48), *range(50, 62), 64)),
}
