"""MRD status: what an assay can say, the tables of the guidelines, and their use on a patient's samples."""

from moltrack.rules.mrd.inputs import MrdInputs, MrdPoint, NgsGene
from moltrack.rules.mrd.patient import mrd_verdicts
from moltrack.rules.mrd.status import mrd_status, mrd_statuses

__all__ = ["MrdInputs", "MrdPoint", "NgsGene", "mrd_status", "mrd_statuses", "mrd_verdicts"]
