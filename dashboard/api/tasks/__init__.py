"""Tasks over HTTP: thin, because `gates.tasks.service` decides and does everything (docs/enforcement.md)."""
