# The commands of the project; `make` lists them. Everything is made in .venv/ and var/, which git ignores.
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
# Two installations at once would step on each other.
.NOTPARALLEL:
.PHONY: help run dev demo quick coverage mutants next test test-postgresql test-sqlite test-slow test-browser test-untricked \
	check format lock bench bench-import weights lighthouse

PY := .venv/bin/python
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links
STATIC := $(wildcard static static/* static/*/* static/*/*/* plans/static/* plans/static/*/* plans/static/*/*/*)
# A quickstart is for one machine: no TLS in front of it, and the plan open to read. The environment may say otherwise.
LOCAL := ROCC_HTTPS=$${ROCC_HTTPS:-false} ROCC_OPEN_READING=$${ROCC_OPEN_READING:-true} LOG_FORMAT=$${LOG_FORMAT:-text}
# As a real site is set, whatever this machine's environment says; the checks need no database.
PRODUCTION := DEBUG=false ROCC_HTTPS=true DATABASE_URL=sqlite://:memory:
# Compiling all tests anew takes five seconds, and starting a process of the site one, where Python keeps nothing.
CACHED := -u PYTHONDONTWRITEBYTECODE
# Each process begins with a stretch of files that stand together, since what a module makes it makes once in each.
PARALLEL := --numprocesses auto --dist worksteal
TEMPLATES := $(wildcard templates/*.html templates/*/*.html templates/*/*/*.html templates/*/*/*/*.html)

# The longest first. Those named by ARGS are not split; WITHOUT_TRICKS=yes adds pages and queries with ROCC_FAST=off.
PARTS := postgresql $(if $(ARGS),sqlite,slow sqlite browser) $(if $(WITHOUT_TRICKS),untricked)
# Each prepared query, cached fragment, conditional page and line of Excel is used by these. What forms, commands and files
# do is the same without; tests/fast/test_both_modes.py compares what is answered at all addresses, with and without, to
# the byte, so that the walks and the many near-same cases (`exhaustive`) say nothing more here.
THROUGH_TRICKS := tests/fast tests/views tests/spreadsheets/test_export.py $(wildcard tests/test_querysets_*.py) \
	$(patsubst %,tests/test_%.py,activity_selection agency_pages barriers corrections facets_counted filters freshness \
	record reminders rounds sessions slip_ledger summaries)
shown = $(2) >var/$@.log 2>&1; code=$$?; echo "== $(1)"; cat var/$@.log; exit $$code

define HELP
make run      serve the plan at http://127.0.0.1:8000/ (another port: PORT=8001 make run)
make dev      the same for developers: DEBUG on, starts again whenever the code changes
make demo     a made-up year of updates to look at, in a database of its own (var/demo.sqlite3)
make quick    the tests to run while you work: SQLite, in parallel, few of the exhaustive and no slow ones (ARGS="-k csv")
make next     all but slow and browser tests on the newest Django and of everything else, in .venv-next (PYTHON=…)
make coverage  which lines and branches of plans/ those tests do not run; fails below 95 % (arguments: ARGS="-k csv")
make mutants  which small changes to the rules that must never be wrong no test notices (one rule: ARGS=undo)
make test     all tests, on SQLite and on PostgreSQL (arguments for pytest: ARGS="-k csv")
make check    style, templates, import order, types, settings, migrations
make format   put code and templates into shape
make lock     remake requirements/ from pyproject.toml (newer versions: UPGRADE=--upgrade)
make bench    how fast it is and stays, beside the floors (a short look: ARGS="--quick")
make bench-import  what imports cost beside stock django-import-export and plain inserts
make weights  what each page costs over the wire, cold, in Chromium
make lighthouse  Lighthouse's four scores of four pages (needs Node.js 20)
endef

help:
	$(info $(HELP))
	@:

run: .venv/run.stamp var/secret_key var/static/made.stamp
	@DEBUG=false $(LOCAL) exec $(PY) manage.py quickstart

dev: .venv/dev.stamp var/secret_key
	@DEBUG=true $(LOCAL) exec $(PY) manage.py quickstart --reload

# Never in the database that the environment names: what it writes is made up.
demo: .venv/run.stamp var/secret_key var/static/made.stamp
	@unset DATABASE_URL; export DEBUG=false ROCC_DEMO=true $(LOCAL); $(PY) manage.py demo && exec $(PY) manage.py quickstart

quick: .venv/dev.stamp
	@env -u TEST_DATABASE_URL $(CACHED) HYPOTHESIS_PROFILE=quick $(PY) -m pytest --quiet $(PARALLEL) \
		-m "not slow and not browser and not exhaustive" $(ARGS)

# With the processes that tests start. None of the lines is left out of the count.
coverage: .venv/dev.stamp
	@rm -rf var/coverage; mkdir -p var/coverage
	@env -u TEST_DATABASE_URL $(CACHED) HYPOTHESIS_PROFILE=quick $(PY) -m coverage run -m pytest --quiet $(PARALLEL) \
		-m "not slow and not browser" $(ARGS)
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report

mutants: .venv/dev.stamp
	@$(PY) -m tools.mutants $(ARGS)

# So that the next upgrade is known before it is due; it changes nothing in .venv and nothing in requirements/.
next:
	@requirements/next
	@env -u TEST_DATABASE_URL $(CACHED) HYPOTHESIS_PROFILE=quick .venv-next/bin/python -m pytest --quiet $(PARALLEL) \
		-m "not slow and not browser" $(ARGS)

# Two parts at a time, since most machines have two cores: the next one starts as soon as one ends.
test: .venv/dev.stamp
	@mkdir -p var; echo "Running $(strip $(PARTS)): each is shown when it ends, and written to var/test-*.log until then"; \
	printf '%s\n' $(PARTS) | xargs -P 2 -I PART $(MAKE) test-PART

# Few made-up inputs for each property: the many are tried on SQLite.
test-postgresql:
	@$(call shown,Tests on PostgreSQL,\
		env $(CACHED) HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-quick} $(PY) -W ignore::UserWarning \
			-m tests.postgres $(PY) -m pytest $(ARGS))

test-sqlite:
	@$(call shown,Tests on SQLite,\
		env -u TEST_DATABASE_URL $(CACHED) $(PY) -m pytest $(if $(ARGS),,-m "not slow and not browser") $(ARGS))

test-slow:
	@$(call shown,Slow tests on SQLite,\
		env -u TEST_DATABASE_URL $(CACHED) $(PY) -m pytest -m "slow and not browser")

test-browser:
	@$(call shown,Browser tests on SQLite,\
		env -u TEST_DATABASE_URL $(CACHED) $(PY) -m pytest -m browser)

test-untricked:
	@$(call shown,Quick tests of pages and queries without the tricks for speed,\
		env -u TEST_DATABASE_URL $(CACHED) ROCC_FAST=off HYPOTHESIS_PROFILE=quick $(PY) -m pytest --quiet \
			-m "not slow and not browser and not exhaustive" $(THROUGH_TRICKS))

check: .venv/dev.stamp var/secret_key
	@failed=0; \
	$(PY) -m ruff check . || failed=1; \
	$(PY) -m ruff format --check . || failed=1; \
	.venv/bin/djade --check --target-version 5.2 $(TEMPLATES) || failed=1; \
	$(PY) -m djlint --quiet --lint templates || failed=1; \
	.venv/bin/lint-imports || failed=1; \
	.venv/bin/mypy || failed=1; \
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING || failed=1; \
	$(PRODUCTION) $(PY) manage.py makemigrations --check --dry-run || failed=1; \
	exit $$failed

format: .venv/dev.stamp
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format --quiet .
	@-.venv/bin/djade --target-version 5.2 $(TEMPLATES)

lock: .venv/dev.stamp
	$(LOCK) $(UPGRADE) pyproject.toml --output-file requirements/run.txt
	$(LOCK) $(UPGRADE) --constraint requirements/run.txt --group pyproject.toml:dev pyproject.toml \
		--output-file requirements/dev.txt

bench: .venv/dev.stamp
	@$(PY) -W ignore::UserWarning -m benchmarks $(ARGS)

bench-import: .venv/dev.stamp
	@$(PY) -W ignore::UserWarning benchmarks/import.py $(ARGS)

weights: .venv/dev.stamp
	@$(PY) -m benchmarks.page_weights

lighthouse: .venv/dev.stamp tools/lighthouse/node_modules/made.stamp
	@CHROME_PATH=$${CHROME_PATH:-$$(command -v chromium || command -v google-chrome)} \
		$(PY) -m benchmarks.serving node tools/lighthouse/scores.mjs

# When the Python behind .venv has gone, the stamps mean nothing.
ifneq ($(shell $(PY) -c 'print(1)' 2>/dev/null),1)
$(shell rm -f .venv/run.stamp .venv/dev.stamp)
endif

.venv/run.stamp: requirements/run.txt
	@requirements/install run

.venv/dev.stamp: requirements/dev.txt
	@requirements/install dev

tools/lighthouse/node_modules/made.stamp: tools/lighthouse/package-lock.json
	@cd tools/lighthouse && npm ci --silent
	@touch $@

var/secret_key: | .venv/run.stamp
	@$(PY) -m rocc.secret_key

var/static/made.stamp: $(STATIC) .venv/run.stamp | var/secret_key
	@echo "Collecting and compressing static files"
	@DEBUG=false $(LOCAL) $(PY) manage.py collectstatic --noinput --verbosity 0
	@touch $@
