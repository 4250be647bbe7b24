"""The verdict on a home: a question from its store, evidence from its telemetry, judged."""
