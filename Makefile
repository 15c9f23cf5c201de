# Two commands do everything: `make paper TITLE="..."` and `make test`. Each sets up .venv first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# As many workers as cores. Who is done takes tests from the others: a few long ones are half of the whole.
SHARED := -n auto --maxprocesses 8 --dist worksteal
TITLE ?= Attention mechanisms in protein structure prediction
# Make would expand a `$` of the title, `$(shell ...)` included, when it hands the title on.
override TITLE := $(value TITLE)
export TITLE

.PHONY: paper test quick check clean bundle

# The title goes through the environment, never through the text of a shell command, so that its characters are only characters.
paper: $(VENV)/.installed
	@$(BIN)/galactica write -- "$$TITLE"

test: $(VENV)/.tested
	@$(BIN)/python -m pytest $(SHARED)

quick: $(VENV)/.tested
	@$(BIN)/python -m pytest $(SHARED) -m "not slow"

check: $(VENV)/.tested
	@$(BIN)/pip install --quiet --disable-pip-version-check -e ".[dev]"
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than 3.11. Give a newer one: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "error: no venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 2; }

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "installing into $(VENV) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.tested: pyproject.toml | $(VENV)/bin/python
	@echo "installing the test environment into $(VENV) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -e ".[test]"
	@touch $@

# For those who build the project: put a run's model and library into the package.
bundle:
	@test -n "$(RUN)" || { echo "error: say which run: make bundle RUN=out/nano" >&2; exit 2; }
	rm -rf galactica/assets/model galactica/assets/library
	mkdir -p galactica/assets
	cp -r $(RUN)/model galactica/assets/model
	cp -r $(RUN)/library/works galactica/assets/library
	du -sh galactica/assets/*

clean:
	rm -rf $(VENV) build dist *.egg-info
