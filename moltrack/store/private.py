"""Private markers: somatic changes that two persons hardly ever share to the base.

Which they are is a convention of this program, on the side of too few:

- a tandem duplication with its length and its site (FLT3-ITD: site and length vary from patient to patient);
- a junction of a structural variant in DNA, known to the base on both sides. Junctions in RNA lie at the ends of exons, which
  are everyone's;
- an insertion, deletion or both, of four bases or more, that passed its caller's filters and is no known polymorphism.
  Those of NPM1, CALR and SRSF2 are left out: there the same few are found in most patients (NPM1 types A, B and D; CALR types
  1 and 2; the deletion of 24 bases from SRSF2 P95).

Substitutions are left out altogether: most that are recurrent in leukaemia are hotspots, and the others cannot be told from
inherited ones.
"""

from __future__ import annotations

from moltrack.model import Call, Itd, Result, SmallVariant, StructuralVariant, Technique

MIN_BASES = 4
MAX_POPULATION_AF = 1e-4
RECURRENT = frozenset({"NPM1", "CALR", "SRSF2"})


def private_marker(call: Call, technique: Technique) -> str:
    """The call's private marker as words that are the same for the same change; "" = it is none."""
    if call.filters or call.result not in {None, Result.POSITIVE}:
        return ""
    finding = call.finding
    if isinstance(finding, Itd):
        return _itd(finding)
    if isinstance(finding, StructuralVariant) and technique is Technique.DNA_SEQUENCING:
        return _junction(finding)
    return _indel(finding) if isinstance(finding, SmallVariant) else ""


def _itd(finding: Itd) -> str:
    if finding.aggregate or not finding.length or finding.pos is None:
        return ""
    return f"{finding.gene}-ITD of {finding.length} bp at {finding.chrom}:{finding.pos} {finding.build}".strip()


def _junction(finding: StructuralVariant) -> str:
    one, other = finding.side1, finding.side2
    if one is None or other is None or finding.precise is False:
        return ""
    sides = sorted([(one.chrom, one.pos), (other.chrom, other.pos)])
    return f"junction {sides[0][0]}:{sides[0][1]}/{sides[1][0]}:{sides[1][1]} {finding.build}".strip()


def _indel(finding: SmallVariant) -> str:
    from moltrack import resources

    ref, alt = finding.ref, finding.alt
    if not finding.chrom or finding.pos is None or len(ref) == len(alt) or not (ref + alt).isalpha():
        return ""
    if max(len(ref), len(alt)) <= MIN_BASES or (finding.population_af or 0.0) > MAX_POPULATION_AF:
        return ""
    genes = (
        {finding.gene.upper()} if finding.gene else set(resources.genes_at(finding.build, finding.chrom, finding.pos))
    )
    if genes & RECURRENT:
        return ""
    return f"{finding.chrom}:{finding.pos} {ref}>{alt} {finding.build}".strip()
