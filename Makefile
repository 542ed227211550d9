# Three targets do everything on a fresh machine with Python 3.11+ and make: `make demo`, `make smoke`, `make test`;
# `make docs` builds the site.
# All work in .venv, which is made once and again only when the dependencies change.

PYTHON ?= python3
BIN := .venv/bin
OUT ?= runs/demo
LOWEST ?= tests/storage tests/data tests/analysis tests/report/tables tests/report/page tests/cli/test_cli.py

# One thread a process; netlore runs as many processes as `--workers` says.
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: demo smoke test lint types layers tests docs wheel lowest clean

demo: .venv/.installed
	$(BIN)/netlore refine --predictor synflow --data cifar10 --networks 500 --seed 0 --workers 2 --out $(OUT)
	@echo "The report is $(abspath $(OUT))/report.html"

# The paper's whole study at its smallest: every command, figure and table in minutes.
smoke: .venv/.installed
	$(BIN)/netlore run studies/paper.toml --size smoke --workers 2 --out runs/smoke

test: lint types layers tests

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.installed-dev
	$(BIN)/mypy

layers: .venv/.installed-dev
	$(BIN)/lint-imports

tests: .venv/.installed-dev
	$(BIN)/python -m pytest -n 2

# The documentation as a site, in `site`; a link that leads nowhere is an error.
docs: .venv/.installed-docs
	$(BIN)/mkdocs build --strict

# dist/, tried in an environment of its own without this repository.
wheel: .venv/.installed-dev
	.ci/wheel

# Tests with the lowest versions that pyproject.toml allows, of all dependencies but torch and torchvision.
lowest: .venv/.installed-dev
	rm -rf build/lowest
	$(BIN)/python -m venv build/lowest
	$(BIN)/python .ci/lowest.py >build/lowest/constraints.txt
	build/lowest/bin/pip install --quiet --disable-pip-version-check -r build/lowest/constraints.txt
	$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" \
		>"$$(build/lowest/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/other.pth"
	PYTHONPATH=src build/lowest/bin/python -m pytest -p no:cacheprovider -W ignore::DeprecationWarning $(LOWEST)

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.installed-dev: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ .venv/.installed

.venv/.installed-docs: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@ .venv/.installed

clean:
	rm -rf .venv site build dist *.egg-info src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
