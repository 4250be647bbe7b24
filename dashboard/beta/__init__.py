"""The beta criteria of a home: facts from its store, its control file and its telemetry, judged."""
