# Every target does its own set-up; the second run of it is instant. All paths are relative: the folder may hold spaces.
.PHONY: setup demo test test-long lint fmt bench lock simulate system-parts

RUN = .venv/bin/python -m
JOBS = 2
ARGS =
SEEDS = 1-200
SOURCES = appliance drivers kiosk_ui cloud_bridge tests tools
UV = uv==0.9.*
TEXTS = $(wildcard appliance/locales/*/LC_MESSAGES/*.po)

setup: .setup-stamp-python .setup-stamp-texts system-parts

# A whole pretend facility on this machine. Example: make demo ARGS="--port 8090 --no-browser"
demo: .setup-stamp-python .setup-stamp-texts
	@.venv/bin/portvakt demo $(ARGS)

# Tests that lack a system part are skipped by name, and fail where CI=true.
test: setup
	$(RUN) pytest -n $(JOBS) --dist loadfile $(ARGS)

# What takes longer than a routine run allows: big numbers, deep properties, long kill rounds.
test-long: setup
	$(RUN) pytest -n $(JOBS) --dist loadfile -m long --hypothesis-profile=deep --timeout 7200 $(ARGS)

lint: .setup-stamp-python .setup-stamp-texts
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	.venv/bin/lint-imports --no-cache
	$(RUN) tools.vendor check

fmt: .setup-stamp-python
	$(RUN) ruff format
	$(RUN) ruff check --fix

bench: .setup-stamp-python .setup-stamp-texts
	@.venv/bin/portvakt bench $(ARGS)

# Example: make simulate SEEDS=1-2000
simulate: .setup-stamp-python .setup-stamp-texts
	@test -d tests/simulation || { echo "This version has no sync, and so no simulation of it." >&2; exit 1; }
	$(RUN) tests.simulation --seeds $(SEEDS) $(ARGS)

# Takes the newest releases that pyproject.toml allows.
lock: .setup-stamp-python
	$(RUN) pip install --quiet "$(UV)"
	.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		pyproject.toml --output-file requirements.lock

.setup-stamp-python: requirements.lock pyproject.toml tools/set_up.sh
	sh tools/set_up.sh python
	@touch $@

.setup-stamp-texts: .setup-stamp-python tools/texts.py $(TEXTS)
	$(RUN) tools.texts compile
	@touch $@

# Looks each time, in a moment: a part that was missing may have come.
system-parts:
	@sh tools/set_up.sh system
