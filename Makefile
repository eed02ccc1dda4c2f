# `make run` and `make test` set everything up in a bare clone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
SOURCES := $(wildcard csrc/*/*.cpp csrc/*/*.cu csrc/*/*.h)
SAY := @printf 'setup: %s\n'

# Tests, docs and runs start many processes: the sources are compiled once, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=

# One stamp per group of dependencies, so that each target installs only what it needs.
BASE := $(VENV)/.base
READY := $(VENV)/.ready
TEST := $(VENV)/.test
LINT := $(VENV)/.lint
LOGGERS := $(VENV)/.loggers
PACKAGE := $(VENV)/.package
DOCS := $(VENV)/.docs

.PHONY: run test test-slow fuzz lint cuda emulate kill full-disk bench ops compat sanitize wheel check-wheel setup
.PHONY: loggers docs screenshots clean course gallery

run: $(READY)
	$(BIN)/python -m core run yolo_detect $(ARGS)

# One process per core. The tests of a file run in one process, so they share its fixtures.
test: $(TEST)
	$(BIN)/python -m pytest -n auto --dist loadfile -m 'not slow' $(ARGS)

# The slow tests: the second half of `make test`, never left out. A process that has done its half
# takes tests of another, so neighbours mostly share their fixtures and no process idles.
test-slow: $(TEST)
	$(BIN)/python -m pytest -n auto --dist worksteal -m slow $(ARGS)

# 10,000 damaged inputs of every kind, then the property tests at length and at random; the other
# tests draw the same examples every time. ARGS="--seed 10000", ARGS="--only labels --count 500".
fuzz: $(TEST)
	PYTHONPATH=tests:. OMP_NUM_THREADS=1 $(BIN)/python -m fuzz $(ARGS)
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n auto -m hypothesis

# The notebooks of the course, executed with their pictures, in build/course; both forms.
course: $(TEST)
	$(BIN)/python tests/course_notebooks.py build/course $(ARGS)

# Style, types, spelling, and the layout of the C++ sources.
lint: $(READY) $(LINT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --strict --follow-imports=silent tests/typing
	$(BIN)/codespell
	$(BIN)/clang-format --dry-run --Werror $(SOURCES) $(wildcard tests/*/*.h tests/*/*.cpp)

# Compile the CUDA sources, with or without a GPU. Without nvcc it says so and does nothing.
cuda: $(READY)
	$(BIN)/python setup.py check_cuda

# The tests of the CUDA kernels on an emulated device, without a GPU or nvcc.
emulate: $(TEST)
	$(BIN)/python tests/emulated.py -n auto --dist loadfile $(ARGS)

# Kill runs at random moments and resume them: the bytes must be the same, and no file may be left
# over. ARGS="--kills 30".
kill: $(READY)
	$(BIN)/python tests/kill_runs.py $(ARGS)

# Fill the disk at ten moments of runs, of a cache and of a fetch, free it and go on: the same bytes.
full-disk: $(READY)
	$(BIN)/python tests/full_disk.py $(ARGS)

# Every figure of every task, from short runs, on one page: build/gallery/gallery.html.
gallery: $(TEST)
	PYTHONPATH=tests:. $(BIN)/python tests/figure_gallery.py $(ARGS)

# A table of every measured ratio and its goal; ARGS=nms selects rows whose op contains nms.
bench: $(TEST)
	$(BIN)/python benchmarks/table.py $(ARGS)

# The tests of the kernels three times: native, with the references, and without a library.
ops: $(TEST)
	NNTASKS_OPS=native $(BIN)/python -m pytest tests/core/ops $(ARGS)
	NNTASKS_OPS=python $(BIN)/python -m pytest tests/core/ops $(ARGS)
	NNTASKS_LIBRARY=none $(BIN)/python -m pytest tests/core/ops $(ARGS)

# The same tests with the same compiled library under another version of torch.
TORCH ?= 2.13.0
compat: $(TEST)
	test -x build/torch-$(TORCH)/bin/python || $(PYTHON) -m venv build/torch-$(TORCH)
	build/torch-$(TORCH)/bin/python -m pip install --quiet torch==$(TORCH) numpy scipy pytest hypothesis
	build/torch-$(TORCH)/bin/python -m pytest tests/core/ops $(ARGS)

# The tests of the loggers with MLflow and Weights & Biases themselves, for which `make test` has stand-ins.
loggers: $(LOGGERS)
	$(BIN)/python -m pytest tests/plugins/loggers $(ARGS)

# The tests of the kernels under the address and undefined-behaviour sanitizers.
sanitize: $(TEST)
	$(BIN)/python setup.py sanitize
	$(BIN)/python tests/sanitized.py $(ARGS)

# The source archive, and the wheel built from that archive, both in dist/.
wheel: $(PACKAGE)
	rm -rf dist
	NNTASKS_REQUIRE_NATIVE=1 $(BIN)/python -m build --no-isolation

# Check their contents, tags and texts, and the wheel beside a project with the same names.
check-wheel: wheel
	$(BIN)/python tests/installed/check.py dist $(ARGS)

# The docs site in build/site, with no warning, and every link and anchor checked, offline.
# EXECUTE=1 runs the notebooks too (minutes), so that their outputs are shown.
docs: $(READY) $(DOCS)
	NO_MKDOCS_2_WARNING=1 NNTASKS_DOCS_EXECUTE=$(EXECUTE) $(BIN)/python -m mkdocs build --quiet --strict $(ARGS)
	$(BIN)/python docs/site/links.py build/site

# The pictures of the docs, from runs of some minutes; needs chromium. ARGS=--quick tries it out.
screenshots: $(READY)
	$(BIN)/python docs/site/screenshots.py $(ARGS)

setup: $(TEST) $(LINT) $(PACKAGE) $(DOCS)

# torch comes first, because the kernels are compiled against its headers. pip is updated before
# that, because older versions do not know dependency groups.
$(BASE): pyproject.toml constraints.txt
	$(SAY) 'a Python environment in $(VENV)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1'
	$(SAY) 'torch and the tools that compile (the largest download)'
	$(PIP) install -c constraints.txt --group run --group build
	touch $@

$(READY): $(BASE) setup.py $(wildcard build_support/*.py) $(SOURCES)
	$(SAY) 'compiling the kernels on all cores, and what else a run needs'
	$(PIP) install -c constraints.txt --no-build-isolation -e .
	touch $@

$(TEST): $(READY)
	$(SAY) 'what the tests need'
	$(PIP) install -c constraints.txt --group test
	touch $@

$(LOGGERS): $(TEST)
	$(SAY) 'MLflow and Weights & Biases'
	$(PIP) install -c constraints.txt --group loggers
	touch $@

$(LINT): $(BASE)
	$(SAY) 'what checks style, types and spelling'
	$(PIP) install -c constraints.txt --group lint
	touch $@

$(PACKAGE): $(TEST)
	$(SAY) 'what builds and checks packages'
	$(PIP) install -c constraints.txt --group package
	touch $@

$(DOCS): $(BASE)
	$(SAY) 'what builds the docs'
	$(PIP) install -c constraints.txt --group docs
	touch $@

clean:
	rm -rf build dist *.egg-info $(BASE) $(READY) $(TEST) $(LINT) $(LOGGERS) $(PACKAGE) $(DOCS)
