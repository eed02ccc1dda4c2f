"""Fill the disk at ten moments of a run, of its cache and of a fetch; free it, and go on.

    python tests/full_disk.py --moments 10

The run folder, the cache or the data store lies on a disk of its own (a tmpfs, in a mount
namespace of this process), whose size is a share of what the undisturbed command needs. The
command must end in one line and exit code 1, and must take nothing half-written for whole: with
space again, `--resume` or the same command must give the same bytes, with nothing left over. Linux
only; prints a table. `make full-disk` runs it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from forked_runs import ROOT, Calls

LARGE = "512m"
LEFT = (".*.tmp", ".lock", ".unpacking-*", ".encoding-*", "*.part")
WHOLE = ("checkpoints/final/model.safetensors", "metrics.jsonl", "items.csv", "summary.json")
UNSTABLE = ("summary.json",)  # it holds the seconds: only looked for
RUNS = {
    "run folder: numpy_mlp": "numpy_mlp data=xor data.points=256 hidden_sizes=8 epochs=6",
    "run folder: unet_segment": "unet_segment data=blobs data.train=8 data.validation=2 "
    "data.test=2 data.size=16 depth=1 width=4 epochs=3 batch_size=2 device=cpu",
}
DATASET = """
import pathlib, shutil, types
from nntasks import hookimpl
from nntasks.hookspecs import Entry
from nntasks.interfaces import DataFile, Dataset
ARCHIVE = pathlib.Path({archive!r})
# The store looks at the space before it begins; here the disk fills up afterwards.
shutil.disk_usage = lambda path: types.SimpleNamespace(free=2**40)

class Set(Dataset):
    folder = "packed"
    files = (DataFile("all.tar.gz", {size}, "{digest}", ARCHIVE.as_uri(), archive=True),)
    def load(self, root): ...

@hookimpl
def register_datasets():
    return [Entry("packed", "disk_plugin:Set", "a packed set", ("numpy_mlp",))]
"""


@dataclass
class Row:
    """What came of one command."""

    full: int = 0
    different: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        return [*self.different, *self.left_over, *self.unclear, *self.failed]


class Disk:
    """A disk of its own that can be made larger and smaller."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(parents=True)
        self._mount(LARGE)

    def _mount(self, size: str, *more: str) -> None:
        options = ",".join([*more, f"size={size}"])
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", self.place], check=True)

    def resize(self, size: str) -> None:
        self._mount(size, "remount")

    def used(self) -> int:
        state = os.statvfs(self.place)
        return (state.f_blocks - state.f_bfree) * state.f_frsize

    def close(self) -> None:
        subprocess.run(["umount", self.place], check=True)


def environment(place: Path, **more: str) -> dict[str, str]:
    path = os.pathsep.join(map(str, (ROOT, place / "plugin")))
    cache = {"XDG_CACHE_HOME": str(place / "cache"), "MPLCONFIGDIR": str(place.parent / "mpl")}
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **cache, **more}


class RunOnADisk:
    """A run whose folder is on the disk."""

    def __init__(self, place: Path, words: str) -> None:
        self.words, self.env = words.split(), environment(place)
        self.where = place / "disk"

    def begin(self) -> list[str]:
        return ["run", *self.words, "checkpoint_seconds=0", "--out", str(self.where / "runs")]

    def go_on(self) -> list[str]:
        found = sorted(self.where.glob("runs/*/2*/config.yaml"))
        return ["run", "--resume", str(found[-1].parent)] if found else self.begin()

    def digests(self) -> dict[str, str]:
        (config,) = self.where.glob("runs/*/2*/config.yaml")
        return {
            name: "" if name in UNSTABLE else _digest(config.parent / name)
            for name in WHOLE
            if (config.parent / name).is_file()
        }


class CacheOnADisk:
    """A run of word2vec whose cache of the encoded text is on the disk."""

    def __init__(self, place: Path) -> None:
        self.where = place / "disk"
        self.env = environment(place, XDG_CACHE_HOME=str(self.where / "cache"))
        self.out = place / "runs"
        self.text = place / "text.txt"
        words = (f"w{n * n % 7919 % 900}" for n in range(60_000))
        self.text.write_text(" ".join(words))

    def begin(self) -> list[str]:
        keys = [f"data.path={self.text}", "epochs=1", "dim=4", "min_count=1", "device=cpu"]
        return ["run", "word2vec", "data=text", *keys, "mode=ordered", "--out", str(self.out)]

    go_on = begin

    def digests(self) -> dict[str, str]:
        files = [path for path in self.where.rglob("*") if path.is_file()]
        return {path.name: _digest(path) for path in files if path.name != "corpus.json"}


class StoreOnADisk:
    """A data set that is fetched and unpacked into a store on the disk."""

    def __init__(self, place: Path) -> None:
        self.where = place / "disk"
        self.env = environment(place, NNTASKS_DATA=str(self.where / "store"))
        plugin = place / "plugin"
        info = plugin / "disk_plugin-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: disk-plugin\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[nntasks]\ndisk_plugin = disk_plugin\n")
        archive = _archive(place)
        code = DATASET.format(
            archive=str(archive), size=archive.stat().st_size, digest=_digest(archive)
        )
        (plugin / "disk_plugin.py").write_text(code)

    def begin(self) -> list[str]:
        return ["data", "fetch", "packed"]

    go_on = begin

    def digests(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.where)): _digest(path)
            for path in self.where.rglob("*")
            if path.is_file()
        }


def _archive(place: Path) -> Path:
    """Write an archive of 40 files whose contents do not compress."""
    content = place / "content"
    content.mkdir()
    for number in range(40):
        seed = hashlib.sha256(str(number).encode()).digest()
        (content / f"{number:02}.bin").write_bytes(seed * 600)
    path = place / "all.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        packed.add(content, "packed")
    return path


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


Command = RunOnADisk | CacheOnADisk | StoreOnADisk


def try_moments(calls: Calls, command: Command, moments: int, row: Row) -> None:
    """Give the command a disk too small for it, and then enough, `moments` times."""
    disk = Disk(command.where)
    code, lines = calls.finish(command.begin(), command.env)
    needed, expected = disk.used(), command.digests() if code == 0 else {}
    disk.close()
    if code or not expected:
        row.failed.append(f"undisturbed: exit {code}, {lines[-1:]}")
        return
    for moment in range(moments):
        shutil.rmtree(command.where)
        disk = Disk(command.where)
        try:
            disk.resize(f"{max(needed * (moment + 1) // (moments + 1) // 4096, 1) * 4}k")
            one_moment(calls, command, disk, f"moment {moment}", expected, row)
        finally:
            disk.close()


def one_moment(
    calls: Calls, command: Command, disk: Disk, name: str, expected: dict[str, str], row: Row
) -> None:
    code, lines = calls.finish(command.begin(), command.env)
    if code == 0:
        return  # the disk was just large enough
    row.full += 1
    ours = [line for line in lines if line.startswith("nntasks: ")]
    if code != 1 or len(ours) != 1 or "Traceback" in "\n".join(lines):
        row.unclear.append(f"{name}: exit {code}, {lines[-3:]}")
    disk.resize(LARGE)
    code, lines = calls.finish(command.go_on(), command.env)
    if code:
        row.failed.append(f"{name}: exit {code}, {lines[-1:]}")
    elif command.digests() != expected:
        row.different.append(name)
    else:
        row.left_over += [str(path) for mark in LEFT for path in disk.place.rglob(mark)]


def main() -> int:
    """Print what became of every command; the exit code is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moments", type=int, default=10)
    parser.add_argument("--only", help="how the names begin")
    options = parser.parse_args()
    if "NNTASKS_OWN_MOUNTS" not in os.environ:
        os.environ["NNTASKS_OWN_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "-rm", sys.executable, *sys.argv])
    rows: dict[str, Row] = {}
    with tempfile.TemporaryDirectory(prefix="full-disk-") as folder:
        for name in (*RUNS, "cache: word2vec", "store: data fetch"):
            if options.only and not name.startswith(options.only):
                continue
            place = Path(folder) / name.replace(" ", "_").replace(":", "")
            place.mkdir()
            command: Command
            if name in RUNS:
                command = RunOnADisk(place, RUNS[name])
            else:
                command = (CacheOnADisk if name.startswith("cache") else StoreOnADisk)(place)
            rows[name] = Row()
            try_moments(Calls(place), command, options.moments, rows[name])
            print(f"{name}: {rows[name]}", file=sys.stderr, flush=True)
    return report(rows)


def report(rows: dict[str, Row]) -> int:
    print(f"{'':28} {'full':>5} {'different':>10} {'left over':>10} {'unclear':>8} {'failed':>7}")
    for name, row in rows.items():
        print(
            f"{name:28} {row.full:5} {len(row.different):10} {len(row.left_over):10} "
            f"{len(row.unclear):8} {len(row.failed):7}"
        )
        for line in row.problems():
            print(f"    {line}")
    return int(any(row.problems() for row in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
