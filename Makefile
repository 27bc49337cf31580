# Tunelake. `make demo` and `make test` are complete on a machine with Python 3.11, pip and make.
# Everything is put into this folder: .boot (uv), .venv (the environment), dist (the wheel).

PYTHON ?= python3
ARGS ?=
JOBS ?= 2

SHELL := /bin/sh
.SHELLFLAGS := -ec
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# No interpreter is downloaded, and the environment of another project stays out of it.
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV
unexport PYTHONPATH
# Certificates as pip takes them: the system's, among them those of a company's mirror or proxy.
export UV_SYSTEM_CERTS ?= true
# Compiled modules are kept: every command and test starts a process, and would compile all of them anew.
unexport PYTHONDONTWRITEBYTECODE

UV := .boot/bin/uv
BIN := .venv/bin
PIP := $(UV) pip install --quiet --python $(BIN)/python
STAMP := .venv/.made-
PACKAGE := $(PIP) --no-deps --no-build-isolation --editable .

.PHONY: help
help: ## Show what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

# --- for everybody ---------------------------------------------------------------------------------

.PHONY: demo
demo: run ## From names to answers on embedded parts; options: make demo ARGS='--artists 500'
	@$(BIN)/tunelake demo $(ARGS)

.PHONY: run
run: $(STAMP)run $(STAMP)assets ## Make .venv with what a user needs

.PHONY: extra
extra: run ## Add drivers and tools: make extra NAMES=postgres,mysql,redis,aws,spark,notebook,jupyter
	@test -n '$(NAMES)' || { echo 'which? for example: make extra NAMES=postgres,notebook' >&2; exit 2; }
	@$(UV) pip install --python $(BIN)/python --no-build-isolation --constraints requirements-dev.lock --editable '.[$(NAMES)]'

.PHONY: real
real: run ## Real music from ../shared/data: collect all of it over HTTP, compare every count
	@$(BIN)/python -m scripts.real $(ARGS)

# --- for developers --------------------------------------------------------------------------------

.PHONY: dev
dev: $(STAMP)dev $(STAMP)assets ## Make .venv with all that developers need

.PHONY: test
test: dev system ## Run every test; options: make test ARGS='tests/unit -k names'
	@$(BIN)/pytest -n $(JOBS) --dist worksteal --durations 15 $(ARGS)

.PHONY: test-jvm
test-jvm: dev ## The marts on Apache Spark: master, two workers, Delta's jar (JDK 17 and Maven of Debian)
	@sh scripts/jvm_parts.sh spark
	@$(BIN)/pytest --durations 5 tests/jvm $(ARGS)

# Part of .ci/run, for nothing else reads the dashboard as Superset does: 1.5 minutes of CPU, six on a busy machine,
# half a minute more to install; apart from `make test`, for its 650 MB.
.PHONY: test-bi
test-bi: dev system .superset/.made ## The dashboard in a real Superset (650 MB, in .superset), read in a browser
	@SUPERSET=$(CURDIR)/.superset/bin/superset $(BIN)/pytest --durations 5 tests/bi $(ARGS)

.PHONY: try-trino
try-trino: dev ## Trino (800 MB) over the same Delta tables: are its answers the same?
	@sh scripts/jvm_parts.sh trino
	@$(BIN)/python -m scripts.try_trino $(ARGS)

.PHONY: check
check: $(STAMP)dev ## Lint, format, types, import rules, tree
	@echo 'ruff check' && $(BIN)/ruff check --quiet
	@echo 'ruff format' && $(BIN)/ruff format --check --quiet
	@echo 'mypy' && $(BIN)/mypy --no-error-summary
	@echo 'import rules' && $(BIN)/lint-imports --no-logo > .venv/imports.txt || { cat .venv/imports.txt; exit 1; }
	@echo 'tree' && $(BIN)/python scripts/check_tree.py
	@echo 'rules and docs' && $(BIN)/pytest -q -m 'not slow' tests/docs
	@echo 'checked'

.PHONY: fix
fix: $(STAMP)dev ## Let ruff mend and format what it can
	@$(BIN)/ruff check --fix --quiet; $(BIN)/ruff format --quiet

.PHONY: bench
bench: $(STAMP)bench ## Measure against references, write bench/results; options: make bench ARGS='decode'
	@$(BIN)/python bench/run.py $(ARGS)

.PHONY: wheel
wheel: $(STAMP)dev $(STAMP)assets ## Build the wheel into dist/
	@rm -rf dist && $(UV) build --quiet --wheel --no-build-isolation --python $(BIN)/python && ls dist

.PHONY: assets
assets: $(STAMP)assets ## Take the browser assets from npm

.PHONY: system
system: ## Debian packages that browser tests use
	@sh scripts/system_packages.sh

COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--no-strip-extras --no-annotate --python-version 3.11 --custom-compile-command 'make lock' $(LOCK)

.PHONY: lock
lock: $(UV) ## Renew the lock files; newest versions: make lock LOCK=--upgrade
	$(COMPILE) pyproject.toml --extra all --extra servers --extra notebook --group test --group check --group build --group assets \
		-o requirements-dev.lock
	$(COMPILE) pyproject.toml --extra all -c requirements-dev.lock -o requirements.lock
	$(COMPILE) --group build -c requirements-dev.lock -o requirements-build.lock
	$(COMPILE) --group assets -c requirements-dev.lock -o requirements-assets.lock
	$(COMPILE) pyproject.toml --extra all --extra servers --extra notebook --group test --group bench -c requirements-dev.lock \
		-o requirements-bench.lock
	$(COMPILE) --group boot -o requirements-boot.lock
	$(COMPILE) --group superset -o requirements-superset.lock
	$(COMPILE) --group jvm -o requirements-jvm.lock
	$(COMPILE) --group java -o requirements-java.lock

.PHONY: clean
clean: ## Remove everything that was made
	rm -rf .boot .venv .superset .cache dist build bench/results .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache src/tunelake/service/app/static/vendor

# --- how the environment is made: stamps say which lock it stands for ---------------------------------

$(UV): requirements-boot.lock
	@command -v $(PYTHON) > /dev/null || { echo 'Python 3.11 or newer is needed: $(PYTHON) was not found' >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) -V)" >&2; \
		     echo "try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m pip --version > /dev/null 2>&1 \
		|| { echo '$(PYTHON) has no pip. On Debian: apt-get install python3-pip' >&2; exit 2; }
	@echo 'getting uv into .boot'
	@rm -rf .boot
	@PIP_ROOT_USER_ACTION=ignore $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		--target .boot -r requirements-boot.lock
	@touch $@

$(BIN)/python: | $(UV)
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv

$(STAMP)run: requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	@echo 'installing Tunelake and what it uses into .venv'
	@$(PIP) --require-hashes -r requirements.lock -r requirements-build.lock
	@$(PACKAGE)
	@touch $@
	@du -sm .venv | awk '{print "installed: " $$1 " MB in .venv"}'

$(STAMP)dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo 'installing the tools of developers into .venv'
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PACKAGE)
	@touch $@ $(STAMP)run
	@du -sm .venv | awk '{print "installed: " $$1 " MB in .venv"}'

$(STAMP)bench: requirements-bench.lock $(STAMP)dev
	@echo 'installing the references to measure against into .venv'
	@$(PIP) --require-hashes -r requirements-bench.lock
	@touch $@

.superset/.made: requirements-superset.lock | $(UV)
	@echo 'installing Superset into .superset'
	@$(UV) venv --quiet --clear --python $(PYTHON) .superset
	@$(UV) pip install --quiet --python .superset/bin/python --require-hashes -r requirements-superset.lock
	@touch $@
	@du -sm .superset | awk '{print "installed: " $$1 " MB in .superset"}'

# Node of the machine where it is new enough, otherwise the one that a Python package brings.
NODE_IS_NEW := node -e 'process.exit(parseInt(process.versions.node) < 20)' 2> /dev/null && command -v npm > /dev/null
$(STAMP)assets: scripts/build_assets.py $(wildcard web/*.json web/*.mjs web/entries/*) | $(BIN)/python
	@$(NODE_IS_NEW) || $(PIP) --require-hashes -r requirements-assets.lock
	@echo 'building the browser assets'
	@$(BIN)/python scripts/build_assets.py
	@touch $@
