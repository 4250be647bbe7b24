# The two commands of a newcomer: `make up` and `make test`.
# Python keeps what it compiled, whatever the machine says: the tests start interpreters by the hundred.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: up test check bench soak enforcement-smoke screenshots docs schemas lock

up:            ## install, then a live demo rollout with the dashboard on 127.0.0.1:8501
	@scripts/bootstrap all
	@exec .venv/bin/slotgate demo

test:          ## install what tests need, then lint, types, import contracts and all tests
	@scripts/bootstrap dev
	@$(MAKE) --no-print-directory check

check:         ## the same without the installing
	@scripts/check

bench:         ## figures, as ratios against peers in the same run, and bench-results/report.html
	@scripts/bootstrap dev
	.venv/bin/pytest tests/benchmarks --capture=tee-sys -q --timeout 1800 -p no:xdist

soak:          ## long kill loops and fuzzing
	@scripts/bootstrap dev
	.venv/bin/pytest tests/soak -q -p no:xdist

enforcement-smoke: ## the enforcement mode alone decides what becomes of a task call, shown on a home of its own
	@scripts/bootstrap dev
	.venv/bin/python -P scripts/enforcement_smoke.py

screenshots:   ## the pictures of the README and docs, from the demo
	@scripts/bootstrap dev
	.venv/bin/python scripts/screenshots.py

docs:          ## write the reference part of docs/command-line.md from the commands
	.venv/bin/python scripts/document_commands.py

schemas:       ## write schemas/json from the models
	.venv/bin/python -m schemas.export

lock:          ## resolve the lock files anew
	scripts/lock
