# Two commands do everything on a machine with Python 3.11 (with venv), make and git:
#   make demo    sets up and runs the main job on the example
#   make test    sets up and passes the tests
# Nothing is installed outside this folder.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test real lint docs bench fuzz wheel clean

demo: $(STAMP)
	$(BIN)/moltrack demo -o demo

test: $(STAMP) lint
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not real" -rs

real: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/real -m real -rs

lint: $(STAMP)
	$(BIN)/ruff format --check -q moltrack tests benchmarks
	$(BIN)/ruff check -q moltrack tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

fuzz: $(STAMP)
	$(BIN)/python tests/fuzz/run.py --minutes $(or $(MINUTES),10)

docs: $(STAMP)
	$(BIN)/python docs/generate.py

bench: $(STAMP)
	$(BIN)/python benchmarks/run_all.py

wheel: $(STAMP)
	$(BIN)/python -m build --wheel --outdir dist

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade "pip>=25.1"
	$(BIN)/python -m pip install -q -e ".[all]" --group test --group lint
	$(BIN)/python -m compileall -q moltrack
	@touch $(STAMP)

clean:
	rm -rf $(VENV) demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
