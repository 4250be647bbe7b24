"""What commands print with `--json` and the control API answers: one form of each document for both."""
