# The few verbs. `make serve` and `make test` set up all they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := src tests recipes benchmarks course
CORES := --numprocesses auto --dist loadfile # as many tests at a time, those of a file in one process

.PHONY: serve test check format bench train course image clean

serve: $(VENV)/base ## install what is needed and open the app
	$(BIN)/calame serve

test: $(VENV)/dev ## install what is needed and pass all tests
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/pyright
	$(BIN)/pytest -m "not browser" $(CORES) $(PYTEST)
	$(BIN)/pytest -m browser $(PYTEST) # apart: the browser's driver keeps an event loop running

check: $(VENV)/dev ## the fast tests
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/pyright
	$(BIN)/pytest -m "not slow and not browser" $(CORES) $(PYTEST)

format: $(VENV)/dev
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

bench: $(VENV)/dev ## each benchmark prints one JSON object
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group bench
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

train: $(VENV)/dev ## the course's network, from raw files to a model folder
	$(BIN)/calame train course

course: $(VENV)/course ## the lessons as notebooks, in JupyterLab; what you write in them is kept
	$(BIN)/python course/build.py --open

image: ## the container of the Dockerfile
	docker build --tag calame .

# Where Python came without venv (some Debian machines), virtualenv from PyPI makes the same folder.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); $(PYTHON) -m pip install --user virtualenv && $(PYTHON) -m virtualenv $(VENV); }

$(VENV)/base: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train]' --group dev
	touch $@ $(VENV)/base

$(VENV)/course: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train]' --group course
	touch $@ $(VENV)/base

clean:
	rm -rf $(VENV) build dist
