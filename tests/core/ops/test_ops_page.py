"""docs/ops.md: its examples run as they stand there, and its table is what the dispatcher says."""

from __future__ import annotations

import doctest
import re

import pytest
import torch
from command_line import ROOT

from nntasks import ops

PAGE = (ROOT / "docs" / "ops.md").read_text()
SECTION = PAGE.partition("## What each op has")[2].partition("\n## ")[0]
ROWS = {
    cells[0].strip("`"): cells[1:]
    for line in SECTION.splitlines()
    if line.startswith("| `")
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}
DEFINED = sorted(
    {
        name.removeprefix("nntasks::").partition(".")[0]
        for name in torch._C._dispatch_get_all_op_names()
        if name.startswith("nntasks::")
    }
)


def registered(name, key):
    return torch._C._dispatch_has_kernel_for_dispatch_key(f"nntasks::{name}", key)


def compiled_in(folder):
    """Return the ops for which a folder of csrc has a kernel."""
    files = (ROOT / "csrc" / folder).glob("*.c*")
    return {name for file in files for name in re.findall(r'impl\("(\w+)"', file.read_text())}


def test_every_example():
    failed, tried = doctest.testfile(str(ROOT / "docs" / "ops.md"), module_relative=False)
    assert tried >= 26
    assert failed == 0


def test_the_table_has_every_op():
    assert sorted(ROWS) == DEFINED


@pytest.mark.parametrize("name", DEFINED)
def test_a_row_is_what_the_dispatcher_has(name):
    gradient, vmap, cpu, cuda, _ = ROWS[name]
    for overload in (name, f"{name}.python"):
        assert registered(overload, "CompositeExplicitAutograd")
        assert registered(overload, "Meta")
        assert registered(overload, "Autograd") == (not gradient.startswith(("none", "refused")))
        assert registered(overload, "FuncTorchBatched") == (vmap == "yes")
    assert (cpu == "kernel") == (name in compiled_in("cpu"))
    assert (cuda == "kernel") == (name in compiled_in("cuda"))
    if ops.native_available():
        assert registered(name, "CPU") == (cpu == "kernel")
    assert not registered(f"{name}.python", "CPU")


def test_every_op_is_checked_by_opcheck():
    calls = "".join(
        file.read_text() for file in (ROOT / "tests" / "core" / "ops").glob("test_*.py")
    )
    assert sorted(set(re.findall(r'opcheck\(\s*overload\("(\w+)"\)', calls))) == DEFINED


def test_skipgram_refuses_gradients():
    vectors = torch.zeros(3, 16, requires_grad=True), torch.zeros(3, 16)
    text = torch.zeros(4, dtype=torch.int32), torch.tensor([0, 4])
    with pytest.raises(ValueError, match="without autograd"):
        ops.skipgram(*vectors, *text, noise=ops.AliasTable([1.0, 1.0, 1.0]))


def kernels() -> list[tuple[str, str, int]]:
    """Return (op, source, number of parameters) of every kernel that is registered."""
    found = []
    for file in [*ROOT.glob("csrc/cpu/*.cpp"), *ROOT.glob("csrc/cuda/*.cu")]:
        text = file.read_text()
        for name, function in re.findall(r'impl\("(\w+)", TORCH_BOX\(&[\w:]*?(\w+)\)\)', text):
            parameters = re.search(rf"\b{function}\(([^()]*)\) {{", text)
            assert parameters is not None, (file.name, function)
            commas = re.sub(r"<[^<>]*>", "", parameters[1]).count(",")
            found.append((name, file.relative_to(ROOT).as_posix(), commas + 1))
    return found


@pytest.mark.parametrize(("name", "source", "count"), kernels())
def test_kernels_take_the_arguments_of_their_schema(name, source, count):
    """The stable ABI does not check it: a kernel would read what is not there."""
    assert count == len(getattr(torch.ops.nntasks, name).default._schema.arguments), source
