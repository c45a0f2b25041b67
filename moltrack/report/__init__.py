"""A patient's figures and pages, as plotly mappings and as self-contained HTML."""

from moltrack.report.figures import figure
from moltrack.report.pages import patient_page, trend_page

__all__ = ["figure", "patient_page", "trend_page"]
