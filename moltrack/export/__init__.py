"""Patients in other tools' forms: spreadsheets, cBioPortal, Phenopackets, FHIR; and without their identifiers."""
