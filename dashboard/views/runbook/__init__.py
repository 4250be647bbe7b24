"""The page Runbook: what to do now, from the runbook that came with this program."""
