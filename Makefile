# A convenience: every line also works typed by hand. Use another Python with `make setup PYTHON=python3.12`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup check lock

setup:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --require-hashes -r requirements-dev.txt

check:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# Needs uv. The pins already in the files stay; add LOCK_FLAGS=--upgrade to renew them.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet $(LOCK_FLAGS)
lock:
	$(LOCK) --output-file requirements.txt
	$(LOCK) --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	! grep -n '://' requirements.txt requirements-dev.txt
