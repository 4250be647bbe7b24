"""The plans' lists as a checklist. Pure: facts and signed statements in, a state for each item out."""
