"""The named predicates that rule files may use: what each asks, and which test would answer it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from moltrack.model import Truth


@dataclass(frozen=True, slots=True)
class Predicate:
    """``question`` for people; ``test`` is what a laboratory would have to do to answer it."""

    name: str
    question: str
    test: str


@dataclass(frozen=True, slots=True)
class Level:
    """A predicate of a rule file made from a number: YES when it is at least (``above``: more than) the threshold of that name.

    ``of`` is the lesion that the number describes: without the lesion the answer is NO.
    """

    name: str
    number: str
    threshold: str
    above: bool = False
    of: str = ""
    question: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A level that is known to lie in ``[low, high)``, or exactly when both are equal; ``text`` as shown."""

    low: float
    high: float
    text: str

    def at_least(self, threshold: float) -> Truth:
        """Whether the level reaches the threshold; UNKNOWN when the interval straddles it."""
        if self.low >= threshold:
            return Truth.YES
        if self.high < threshold or self.low < self.high <= threshold:
            return Truth.NO
        return Truth.UNKNOWN

    def above(self, threshold: float) -> Truth:
        """Whether the level is more than the threshold; UNKNOWN when the interval straddles it."""
        if self.low > threshold:
            return Truth.YES
        return Truth.NO if self.high <= threshold else Truth.UNKNOWN


def exactly(level: float, text: str = "") -> Number:
    """A number without uncertainty."""
    return Number(level, level, text or f"{level:g}")


_CBF = "CBF fusions (RUNX1::RUNX1T1, CBFB::MYH11)"
_METAPHASES = "karyotype (20 metaphases)"

#: name, question, test
_TABLE: Iterable[tuple[str, str, str]] = (
    ("t_8_21", "t(8;21)(q22;q22.1)/RUNX1::RUNX1T1", _CBF),
    ("inv16_t16_16", "inv(16)(p13.1q22) or t(16;16)(p13.1;q22)/CBFB::MYH11", _CBF),
    ("t_15_17", "t(15;17)(q24;q21)/PML::RARA", "PML::RARA"),
    ("t_9_11", "t(9;11)(p21.3;q23.3)/KMT2A::MLLT3", "KMT2A::MLLT3"),
    (
        "t_v_11q23_other",
        "t(v;11q23.3)/KMT2A rearranged with another partner than MLLT3",
        "KMT2A rearrangement with its partner",
    ),
    ("kmt2a_r", "KMT2A rearranged", "KMT2A rearrangement"),
    ("kmt2a_r_partner_unknown", "KMT2A rearranged, partner not known", "partner of the KMT2A rearrangement"),
    ("t_6_9", "t(6;9)(p23;q34.1)/DEK::NUP214", "DEK::NUP214"),
    ("t_9_22", "t(9;22)(q34.1;q11.2)/BCR::ABL1", "BCR::ABL1"),
    ("t_8_16", "t(8;16)(p11.2;p13.3)/KAT6A::CREBBP", "KAT6A::CREBBP"),
    (
        "inv3_t3_3",
        "inv(3)(q21.3q26.2) or t(3;3)/GATA2, MECOM",
        "karyotype or FISH of 3q26 (inv(3), t(3;3))",
    ),
    ("mecom_other", "t(3q26.2;v)/MECOM rearranged", "karyotype or FISH of 3q26 (MECOM)"),
    ("minus5_5q", "-5 or del(5q)", "karyotype, FISH or array of 5q"),
    ("minus7", "-7", "karyotype, FISH or array of chromosome 7"),
    ("minus17_abn17p", "-17 or abn(17p)", "karyotype, FISH or array of 17p"),
    ("complex", "complex karyotype (3 or more unrelated abnormalities)", _METAPHASES),
    ("monosomal", "monosomal karyotype", _METAPHASES),
    ("hyperdiploid", "hyperdiploid karyotype with 3 or more trisomies and no structural abnormality", _METAPHASES),
    ("FLT3_ITD", "FLT3-ITD", "FLT3-ITD"),
    ("FLT3_TKD", "FLT3 mutated in the tyrosine kinase domain", "FLT3 tyrosine kinase domain"),
    ("CEBPA_biallelic", "biallelic mutated CEBPA", "CEBPA mutations"),
    ("CEBPA_bZIP", "bZIP in-frame mutated CEBPA", "CEBPA mutations"),
    ("KMT2A_PTD", "KMT2A partial tandem duplication", "KMT2A partial tandem duplication"),
    ("aza_ivo", "treated with azacitidine and ivosidenib", "treatment (azacitidine with ivosidenib)"),
    ("hma_pretreated", "treated with hypomethylating agents before", "previous treatment (hypomethylating agents)"),
    # response
    ("marrow_assessed", "bone marrow assessed", "bone marrow blasts"),
    (
        "marrow_inadequate",
        "marrow without spicules, or with too few cells counted and too low a cellularity",
        "marrow quality (spicules, cells counted or cellularity)",
    ),
    ("circulating_blasts", "circulating blasts", "circulating blasts"),
    ("extramedullary_disease", "extramedullary disease", "extramedullary disease"),
    ("was_in_remission", "CR, CRh or CRi reached before, and no relapse treated since", "responses so far"),
    ("landmark_reached", "response landmark reached", "number of intensive cycles"),
    ("counts_supported", "transfusion or growth factor near the counts", "transfusions and growth factors"),
    ("mrd_known", "an MRD status known in this assessment", "MRD"),
    ("mrd_negative", "MRD negative", "MRD"),
    ("mrd_low_level", "MRD at low level", "MRD"),
    ("mrd_below_threshold", "MRD below the threshold", "MRD"),
    ("mrd_positive", "MRD positive", "MRD"),
    # MRD
    ("in_remission", "morphologic remission (CR, CRh, CRi)", "response (CR, CRh or CRi) at this sample"),
    ("result_assessable", "a result that is good enough", "the target by an adequate assay"),
    ("detected", "the target is detected", "the target"),
    ("above_lod", "above the limit of detection", "the target with its limit of detection"),
    ("target_npm1", "the target is NPM1", "target of the assay"),
    ("target_cbf", "the target is RUNX1::RUNX1T1 or CBFB::MYH11", "target of the assay"),
    ("target_t_8_21", "the target is RUNX1::RUNX1T1", "target of the assay"),
    ("target_pml_rara", "the target is PML::RARA", "target of the assay"),
    ("target_kmt2a", "the target is a KMT2A rearrangement", "target of the assay"),
    ("target_flt3_itd", "the target is FLT3-ITD", "target of the assay"),
    ("by_pcr", "by quantitative or digital PCR", "method"),
    ("by_flow", "by flow", "method"),
    ("by_sequencing", "by sequencing or fragment analysis", "method"),
    ("in_marrow", "in bone marrow", "tissue of the sample"),
    ("in_blood", "in blood", "tissue of the sample"),
    ("after_cycle_2", "after 2 cycles", "phase of the sample"),
    ("end_of_treatment", "at the end of treatment", "phase of the sample"),
    ("pre_hct", "before transplantation", "phase of the sample"),
    ("follow_up", "in follow-up", "phase of the sample"),
    ("post_hct", "after transplantation, in follow-up", "phase of the sample"),
    ("at_other_time", "at another time point", "phase of the sample"),
    ("after_transplant", "after allogeneic transplantation", "transplantations"),
    ("mrd_converted", "converted from negative to positive", "an earlier sample of the same tissue"),
    ("mrd_rose", "rose by 1 log10 between positive samples of one tissue", "an earlier sample of the same tissue"),
    ("relapse_confirmed", "the criterion of relapse met twice within 4 weeks", "a second sample within 4 weeks"),
    ("only_other_tissue", "all earlier samples are of another tissue", "an earlier sample of the same tissue"),
)

PREDICATES = {name: Predicate(name, question, test) for name, question, test in _TABLE}


def is_predicate(name: str) -> bool:
    """True for a registered predicate, a lesion id or a current gene symbol."""
    from moltrack import resources

    return name in PREDICATES or name in resources.lesions() or resources.gene_symbol(name) == name


def question(name: str) -> str:
    """What a predicate asks; a gene symbol asks whether the gene is mutated."""
    if name in PREDICATES:
        return PREDICATES[name].question
    return f"{name} mutated" if name[:1].isupper() else name


def test_for(name: str) -> str:
    """The test that would answer a predicate."""
    if name in PREDICATES:
        return PREDICATES[name].test
    return f"{name} mutation" if name[:1].isupper() else name


test_for.__test__ = False  # type: ignore[attr-defined]
