"""What commands and pages ask of a home's telemetry, whoever owns its file at the moment."""
