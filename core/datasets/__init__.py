"""The data store: find, fetch and verify the files of data sets."""

from __future__ import annotations

from nntasks.datasets.check import Problem
from nntasks.datasets.store import DataStore, State, checksums

__all__ = ["DataStore", "Problem", "State", "checksums"]
