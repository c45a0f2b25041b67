"""Figures and pages of patients and cohorts, as plotly mappings and as self-contained HTML."""

from moltrack.report.cohort import CohortRow, Survival, cohort_page, cohort_row
from moltrack.report.figures import figure
from moltrack.report.pages import patient_page, trend_page

__all__ = ["CohortRow", "Survival", "cohort_page", "cohort_row", "figure", "patient_page", "trend_page"]
