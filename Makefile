# `make run` and `make test` do all of their own set-up in a bare clone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
SOURCES := $(wildcard csrc/*/*.cpp csrc/*/*.cu csrc/*/*.h)

.PHONY: run test fuzz lint cuda emulate bench ops compat sanitize setup clean

run: setup
	$(BIN)/python -m core run yolo_detect $(ARGS)

# A process a core; the tests of a file stay together and share what it has prepared.
test: setup
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

# The property tests at length and at random; the other tests draw the same examples every time.
fuzz: setup
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n auto -m hypothesis $(ARGS)
	PYTHONPATH=tests $(BIN)/python -m fuzz.pictures

# Style, types, and the layout of the C++ sources.
lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run --Werror $(SOURCES) $(wildcard tests/*/*.h tests/*/*.cpp)

# Compile the CUDA sources, GPU or not; does nothing but say so where there is no nvcc.
cuda: setup
	$(BIN)/python setup.py check_cuda

# The tests of the CUDA kernels on an emulated device: no GPU, no nvcc.
emulate: setup
	$(BIN)/python tests/emulated.py -n auto --dist loadfile $(ARGS)

# One table of every measured ratio beside its goal; ARGS=nms for those whose op has that in it.
bench: setup
	$(BIN)/python benchmarks/table.py $(ARGS)

# The tests of the kernels three ways: compiled, by the references, and with nothing compiled.
ops: setup
	NNTASKS_OPS=native $(BIN)/python -m pytest tests/ops $(ARGS)
	NNTASKS_OPS=python $(BIN)/python -m pytest tests/ops $(ARGS)
	NNTASKS_LIBRARY=none $(BIN)/python -m pytest tests/ops $(ARGS)

# The same, with the library as it is compiled, under another version of torch.
TORCH ?= 2.13.0
compat: setup
	test -x build/torch-$(TORCH)/bin/python || $(PYTHON) -m venv build/torch-$(TORCH)
	build/torch-$(TORCH)/bin/python -m pip install --quiet torch==$(TORCH) numpy scipy pytest hypothesis
	build/torch-$(TORCH)/bin/python -m pytest tests/ops $(ARGS)

# The tests of the kernels under the address and undefined-behaviour sanitizers.
sanitize: setup
	$(BIN)/python setup.py sanitize
	$(BIN)/python tests/sanitized.py $(ARGS)

setup: $(STAMP)

# torch first: the kernels are compiled against the headers of the torch they will run with.
$(STAMP): pyproject.toml constraints.txt setup.py $(wildcard build_support/*.py) $(SOURCES)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt torch torchvision setuptools wheel ninja pybind11
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation -e '.[test,lint]'
	touch $@

clean:
	rm -rf build *.egg-info $(STAMP)
