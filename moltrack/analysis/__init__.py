"""Observations → series, limits, clearance, kinetics, evolution, trial tables."""

from moltrack.analysis.axis import build_axis
from moltrack.analysis.clearance import clearance
from moltrack.analysis.evolution import evolution
from moltrack.analysis.series import build_series

__all__ = ["build_axis", "build_series", "clearance", "evolution"]
