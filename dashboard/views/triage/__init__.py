"""The page Triage: one job, failures, quarantine, bad outputs."""
