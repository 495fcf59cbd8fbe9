# Every target does its own set-up; the second run of it is instant. All paths are relative: the folder may hold spaces.
.PHONY: setup demo test test-long lint fmt bench lock simulate system-parts

RUN = .venv/bin/python -m
JOBS = 2
ARGS =
SEEDS = 1-200
UV = uv==0.9.*
TEXTS = $(wildcard appliance/locales/*/LC_MESSAGES/*.po)

setup: .venv/installed .venv/texts-compiled system-parts

# A whole pretend facility on this machine. Example: make demo ARGS="--port 8090 --no-browser"
demo: .venv/installed .venv/texts-compiled
	@.venv/bin/portvakt demo $(ARGS)

# Tests that lack a system part are skipped by name, and fail where CI=true.
test: setup
	$(RUN) pytest -n $(JOBS) --dist loadfile $(ARGS)

# What takes longer than a routine run allows: big numbers, deep properties, long kill rounds.
test-long: setup
	$(RUN) pytest -n $(JOBS) --dist loadfile -m long --hypothesis-profile=deep --timeout 7200 $(ARGS)

lint: .venv/installed .venv/texts-compiled
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	.venv/bin/lint-imports --no-cache
	$(RUN) tools.vendor check

fmt: .venv/installed
	$(RUN) ruff format
	$(RUN) ruff check --fix

bench: .venv/installed .venv/texts-compiled
	@.venv/bin/portvakt bench $(ARGS)

# Example: make simulate SEEDS=1-2000
simulate: .venv/installed .venv/texts-compiled
	@test -d tests/simulation || { echo "This version has no sync, and so no simulation of it." >&2; exit 1; }
	$(RUN) tests.simulation --seeds $(SEEDS) $(ARGS)

# Takes the newest releases that pyproject.toml allows.
lock: .venv/installed
	$(RUN) pip install --quiet "$(UV)"
	.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		pyproject.toml --output-file requirements.lock
	.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		tools/osdp_peer.in --output-file tools/osdp_peer.lock

.venv/installed: requirements.lock pyproject.toml tools/set_up.sh
	sh tools/set_up.sh python
	@touch $@

.venv/texts-compiled: .venv/installed tools/texts.py $(TEXTS)
	$(RUN) tools.texts compile
	@touch $@

# Looks each time, in a moment: a part that was missing may have come.
system-parts:
	@sh tools/set_up.sh system
