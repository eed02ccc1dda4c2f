"""The data store: the folders in which data sets are found and downloaded."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nntasks.datasets.bringing import bring
from nntasks.datasets.check import Problem, Progress, problems
from nntasks.errors import CheckFailed, MissingError, RunFailed, UsageError
from nntasks.interfaces import Dataset
from nntasks.storage import locks

VARIABLE = "NNTASKS_DATA"
_LOG = logging.getLogger("nntasks.data")
_REMEDY = f"free space, or set {VARIABLE} to a folder that can be written"


@dataclass(frozen=True)
class State:
    """The state of one data set.

    Attributes:
        name: of the data set.
        status: "ready", "incomplete" (a declared file is absent or has the wrong size), "missing",
            or "no download" (it is generated, or an option says where it is).
        folder: its folder; None if there is none.
        size: declared bytes.
        fetchable: whether every declared file has an address.
        problems: missing files and wrong sizes.
        source, licence: as declared.
    """

    name: str
    status: Literal["ready", "incomplete", "missing", "no download"]
    folder: Path | None
    size: int
    fetchable: bool
    problems: tuple[Problem, ...]
    source: str
    licence: str


def checksums(dataset: type[Dataset], root: Path | None = None) -> dict[str, str]:
    """Return the declared SHA-256 by path, `FOLDER/FILE`, for the record of a run.

    With `root`, the data set's folder, only files that exist are included. No file is read, so this
    is what the data should be; `DataStore.verify` checks whether they are.
    """
    return {
        f"{dataset.folder}/{file.path}": file.sha256.lower()
        for file in dataset.files
        if root is None or not problems([file], root, thorough=False)
    }


class DataStore:
    """Folders that hold one sub-folder per data set; earlier ones are preferred."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.roots = tuple(roots)
        if not self.roots:
            raise ValueError("a data store needs at least one folder")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> DataStore:
        """The folders of NNTASKS_DATA, separated as in PATH, then the user's cache folder."""
        environment = os.environ if environment is None else environment
        named = [part for part in environment.get(VARIABLE, "").split(os.pathsep) if part.strip()]
        cache = environment.get("XDG_CACHE_HOME") or "~/.cache"
        roots = [*named, f"{cache}/nntasks"]
        for root in named:
            if Path(root).expanduser().is_file():
                raise UsageError(
                    f"{VARIABLE}: expected folders, {os.pathsep!r} between, got the file {root}"
                )
        return cls(dict.fromkeys(Path(root).expanduser().absolute() for root in roots))

    def find(self, dataset: type[Dataset]) -> Path | None:
        """Return the first folder in which every declared file is there with its size.

        Other forms of the data (`Dataset.other_form`) count too. None if there is no such folder,
        and for a data set without a folder of its own.
        """
        for root in self.roots if dataset.folder else ():
            folder = root / dataset.folder
            if dataset.files and not problems(dataset.files, folder, thorough=False):
                return folder
            other = dataset.other_form(root)
            if other:
                return other
        return None

    def require(self, name: str, dataset: type[Dataset]) -> Path:
        """Return the folder of data set `name`.

        Raises:
            MissingError: it is not here or not complete; says how to get it.
        """
        found = self.find(dataset)
        if found is None:
            raise MissingError(self._how_to_get(name, dataset))
        return found

    def fetch(self, name: str, dataset: type[Dataset], progress: Progress | None = None) -> Path:
        """Fetch every declared file that is missing or damaged; return the data set's folder.

        Files go into the folder where the data set was begun, or else into the first root that can
        be written; a second fetch waits for the first. An archive of the user's is checked,
        unpacked and kept; a downloaded one is removed once it is unpacked.

        Raises:
            UsageError: the data set needs no files.
            CheckFailed: a declared path leads outside of the folder.
            MissingError, CheckFailed, RunFailed, PluginError: see `nntasks.datasets.fetch.download`
                and `nntasks.datasets.unpack.unpack`; MissingError also for files without address.
        """
        if not dataset.folder:
            raise UsageError(
                f"data set {name!r} needs no files: it is generated, or an option gives its path"
            )
        _check_paths(dataset)
        found = self.find(dataset)
        if found and _is_other_form(dataset, found):
            dataset.check_other_form(found)
            return found
        if found and not problems(dataset.files, found, thorough=True, progress=progress):
            return found
        if not any(file.url for file in dataset.files) and not (
            dataset.files and self._begun(dataset)
        ):
            raise MissingError(self._how_to_get(name, dataset))
        folder = self._writable_folder(dataset)
        with locks.held(folder, _LOG.warning, remedy=_REMEDY):  # one fetch at a time
            brought = [bring(file, folder, progress) for file in dataset.files]
        if not all(brought):
            raise MissingError(self._how_to_get(name, dataset))
        if self.find(dataset) != folder:
            raise CheckFailed(
                f"{found} is damaged and cannot be written, and would be used before {folder}; "
                f"remove it, or name {folder.parent} first in {VARIABLE}"
            )
        return folder

    def verify(
        self, dataset: type[Dataset], progress: Progress | None = None
    ) -> tuple[Path | None, list[Problem]]:
        """Read every file and compare it with its declared size and checksum.

        Returns:
            The checked folder (None if there is none), and its problems. Of several folders, the
            one that `find` returns is checked, or else the first that exists.
        """
        found = self.find(dataset)
        if found and _is_other_form(dataset, found):
            return found, _problems_of_other_form(dataset, found)
        folder = found or self._begun(dataset)
        if folder is None:
            return None, [Problem(file.path, "missing", "missing") for file in dataset.files]
        if not dataset.files:
            return folder, [Problem(dataset.folder, "missing", "its files are missing")]
        return folder, problems(dataset.files, folder, thorough=True, progress=progress)

    def summary(self, datasets: Mapping[str, type[Dataset]]) -> list[State]:
        """Return the state of each data set, in the given order; no file is read."""
        return [self._state(name, dataset) for name, dataset in datasets.items()]

    def _state(self, name: str, dataset: type[Dataset]) -> State:
        folder = self.find(dataset)
        begun = folder or self._begun(dataset)
        wrong = problems(dataset.files, begun, thorough=False) if begun and not folder else []
        status: Literal["ready", "incomplete", "missing", "no download"] = "missing"
        if not dataset.folder:
            status = "no download"
        elif begun:
            status = "ready" if folder else "incomplete"
        return State(
            name=name,
            status=status,
            folder=begun,
            size=sum(file.size for file in dataset.files),
            fetchable=bool(dataset.files) and all(file.url for file in dataset.files),
            problems=tuple(wrong),
            source=dataset.source,
            licence=dataset.licence,
        )

    def _folders(self, dataset: type[Dataset]) -> list[Path]:
        return [root / dataset.folder for root in self.roots] if dataset.folder else []

    def _begun(self, dataset: type[Dataset]) -> Path | None:
        return next((folder for folder in self._folders(dataset) if folder.is_dir()), None)

    def _writable_folder(self, dataset: type[Dataset]) -> Path:
        folders = self._folders(dataset)
        begun = [folder for folder in folders if folder.is_dir()]
        reasons = []
        for folder in [*begun, *folders]:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                reasons.append(f"{folder}: {error.strerror or error}")
                continue
            if os.access(folder, os.W_OK):
                return folder
            reasons.append(f"{folder}: no permission to write")
        raise RunFailed(
            f"no folder for the data can be written ({'; '.join(dict.fromkeys(reasons))}); "
            f"set {VARIABLE} to one that can"
        )

    def _how_to_get(self, name: str, dataset: type[Dataset]) -> str:
        begun = self._begun(dataset)
        if begun:
            wrong = problems(dataset.files, begun, thorough=False)
            lacks = _some(map(str, wrong)) or "its files are missing"
            message = f"data set {name!r} in {begun} is not complete: {lacks}"
        else:
            looked = ", ".join(map(str, self.roots))
            message = f"data set {name!r} is not here (looked for {dataset.folder!r} in {looked})"
        to_bring = [file for file in dataset.files if not file.url]
        if dataset.files and not to_bring:
            return f"{message}; get it with: python -m nntasks data fetch {name}"
        place = begun or self.roots[0] / dataset.folder
        source = f" (source: {dataset.source})" if dataset.source else ""
        what = _some(file.path for file in to_bring) or "its files"
        return (
            f"{message}; it cannot be fetched: bring {what}{source} and put it into {place}, "
            f"or set {VARIABLE} to the folder that holds {dataset.folder!r}"
        )


def _is_other_form(dataset: type[Dataset], folder: Path) -> bool:
    """Return whether a folder that `find` returned holds the data in another form."""
    return not dataset.files or bool(problems(dataset.files, folder, thorough=False))


def _problems_of_other_form(dataset: type[Dataset], folder: Path) -> list[Problem]:
    try:
        dataset.check_other_form(folder)
    except MissingError as error:
        return [Problem(dataset.folder, "checksum", str(error))]
    return []


def _check_paths(dataset: type[Dataset]) -> None:
    """Refuse declared paths that lead outside of the data set's folder, or of the store."""
    for path in (dataset.folder, *(file.path for file in dataset.files)):
        parts = path.replace("\\", "/").split("/")
        if not parts[0] or ".." in parts or ":" in parts[0] or "\0" in path:
            raise CheckFailed(
                f"data set in {dataset.folder!r}: expected paths inside its folder, got {path!r}; "
                "tell the author of the plugin"
            )


def _some(texts: Iterable[str]) -> str:
    listed = list(texts)
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(listed[:3]) + more
