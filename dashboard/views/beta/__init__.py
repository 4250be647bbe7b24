"""The page Beta criteria: the plans' lists as a checklist, signed and withdrawn here."""
