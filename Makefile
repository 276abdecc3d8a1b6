# Two commands matter: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# make itself predefines AS (the assembler); only what was typed after `make demo` names an account.
ACCOUNT := $(if $(filter command,$(firstword $(origin AS))),--as $(AS))
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
# Where this is set, each of the thousand programs that tests start would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo serve test quick lint types imports pytest prove bundle bench docs clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/run.stamp  ## a made-up school: on a terminal the app (AS=hieutruong as somebody else), else the whole job
	@scripts/tools.sh softhsm2
	@$(BIN)/hocba demo --store demo-school $(ACCOUNT)

serve: $(VENV)/run.stamp  ## the made-up school over SSH, on loopback and without root: prints the ssh lines to try
	@scripts/tools.sh softhsm2
	@$(BIN)/hocba demo --store demo-school --make-only
	@$(BIN)/python -P -m hocba_tui.server.trying demo-school

test: $(VENV)/dev.stamp  ## everything that must hold: ruff, mypy, import contracts, pytest
	@scripts/tools.sh softhsm2 xmlsec1 strace
	@$(MAKE) --no-print-directory lint types imports pytest

# What is left out starts programs, plays whole days, damages whole stores or tries thousands of files.
SLOW := attacks crowd faults flow/records journeys screens server signing widgets cli/machine test_workers.py \
	machine/test_install.py cli/test_demo.py cli/test_permission_first.py flow/school/test_check_in_processes.py \
	flow/test_reading_elsewhere.py flow/grades/test_counts.py
quick: $(VENV)/dev.stamp  ## what one runs all day, under a minute: ruff, import contracts, the quick rooms of the tests
	@$(MAKE) --no-print-directory lint imports
	$(BIN)/pytest $(SLOW:%=--ignore=tests/%)

lint: $(VENV)/dev.stamp  ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp  ## mypy, strict, tests too
	$(BIN)/mypy

imports: $(VENV)/dev.stamp  ## import contracts
	$(BIN)/lint-imports --no-logo

pytest: $(VENV)/dev.stamp  ## the tests alone
	$(BIN)/pytest

prove: $(VENV)/dev.stamp  ## the proofs of store and verifier at full size: a few hours
	@scripts/tools.sh strace
	$(BIN)/python -m tests.crowd.crowd --full
	$(BIN)/python -m tests.crowd.history --full
	$(BIN)/python -m tests.faults.kill_sweep --full --scratch /dev/shm
	$(BIN)/python -m tests.faults.power_cut --full
	$(BIN)/python -m tests.faults.errno_sweep --full --scratch /dev/shm
	$(BIN)/python -m tests.faults.full_disk --full
	$(BIN)/python -m tests.faults.bit_flips --full
	$(BIN)/python -m tests.faults.bypassed --full
	$(BIN)/python -m tests.faults.stops --full
	HOCBA_STEPS=100000 $(BIN)/pytest tests/store/test_stateful.py -p no:xdist -o addopts=
	$(BIN)/python -m tests.faults.mutation
	HOCBA_KEYS=500 $(BIN)/pytest tests/screens/grid/test_grid_oracle.py tests/journeys/test_grid_over_a_line.py
	HOCBA_FILES=2000 $(BIN)/pytest tests/intake/test_corpus_of_results.py tests/intake/test_corpus_of_pupils.py
	HOCBA_LOGINS=200 $(BIN)/pytest tests/server/test_hostile_callers.py
	HOCBA_MUTATIONS=1000000 HOCBA_STRIDE=1 $(BIN)/pytest tests/attacks
	@[ "$$(id -u)" != 0 ] || scripts/tools.sh mmdebstrap oathtool
	[ "$$(id -u)" != 0 ] || $(BIN)/python -m tests.server.roots
	[ "$$(id -u)" != 0 ] || ! command -v systemd-nspawn >/dev/null || $(BIN)/python -m tests.server.roots --boot
	HOCBA_FUZZ=60 $(BIN)/pytest tests/attacks/fuzz -p no:xdist -o addopts=--import-mode=importlib

bundle: $(VENV)/run.stamp  ## one file with every wheel, to install hocba or a newer version without the Internet
	scripts/bundle.sh $(BIN)/python

bench: $(VENV)/dev.stamp  ## ratios against what a user could run instead
	@for program in benchmarks/[a-z]*.py; do echo "== $$program"; $(BIN)/python $$program || exit 1; done

docs: $(VENV)/dev.stamp  ## export the pictures of the README and the example file again
	$(BIN)/python scripts/pictures.py
	$(BIN)/python scripts/make_example.py
	$(BIN)/python scripts/make_xsd.py hbs-1.0

clean:  ## remove the environment and the caches (demo schools stay)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Cần Python 3.11 trở lên; máy này có $$($(PYTHON) --version). Thử: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Thiếu venv: apt install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/run.stamp: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	@echo "Cài các gói đã khóa phiên bản (một lần, cần mạng)…"
	@$(PIP) install --require-hashes -r requirements/run.lock || { echo "Không tải được gói: kiểm tra mạng rồi chạy lại."; exit 1; }
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	@echo "Cài công cụ kiểm thử (một lần, cần mạng)…"
	@$(PIP) install --require-hashes -r requirements/dev.lock || { echo "Không tải được gói: kiểm tra mạng rồi chạy lại."; exit 1; }
	@touch $@
