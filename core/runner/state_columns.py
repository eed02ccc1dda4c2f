"""Metric states as arrays and JSON, so that they can be stored without pickle.

A list of values of one kind is a column: numbers become one array, texts one JSON list, and lists,
mappings and objects become columns of their parts. Values of several kinds are divided by kind
first. So a hundred thousand images of a few arrays each are a few large arrays. An object or array
that occurs several times is stored once and is one again when it is read. Reading calls no code of
the stored classes: objects are made empty and get their attributes.
"""

from __future__ import annotations

import collections
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nntasks.errors import PluginError, UsageError
from nntasks.runner.empty_objects import attributes, made_of

Node = dict[str, Any]

_ALWAYS = frozenset(("collections",))  # packages whose classes may occur in any state


class Writer:
    """Encodes values.

    Attributes:
        arrays: what the nodes refer to, by name.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}

    def column(self, values: Sequence[Any]) -> Node:
        """Return the node of a list of values.

        Raises:
            PluginError: a value is neither plain data nor an object of plain data.
        """
        names = [_kind(value) for value in values]
        kinds = list(dict.fromkeys(names))
        if len(kinds) > 1:
            number = {name: place for place, name in enumerate(kinds)}
            of_kind: dict[str, list[Any]] = {kind: [] for kind in kinds}
            for value, name in zip(values, names, strict=True):
                of_kind[name].append(value)
            which = self._array(np.array([number[name] for name in names], np.uint8))
            return {"mixed": which, "columns": [self.column(group) for group in of_kind.values()]}
        kind = kinds[0] if kinds else "none"
        return {"kind": kind, "count": len(values), **_WRITE[kind](self, values)}

    def _array(self, array: np.ndarray) -> str:
        name = str(len(self.arrays))
        self.arrays[name] = array
        return name

    def _numbers(self, values: Sequence[Any]) -> Node:
        try:
            array = np.array(values)
        except OverflowError:
            array = np.array(values, object)
        if array.dtype.kind in "biuf":
            return {"values": self._array(array)}
        return {"text": [str(value) for value in values]}  # whole numbers beyond int64

    def _texts(self, values: Sequence[str]) -> Node:
        return {"text": list(values)}

    def _bytes(self, values: Sequence[bytes]) -> Node:
        return {"text": [value.hex() for value in values]}

    def _lists(self, values: Sequence[Any]) -> Node:
        lengths = np.array([len(value) for value in values], np.int64)
        return {
            "lengths": self._array(lengths),
            "items": self.column([item for value in values for item in value]),
        }

    def _sets(self, values: Sequence[Any]) -> Node:
        return self._lists([sorted(value, key=repr) for value in values])

    def _mappings(self, values: Sequence[dict[Any, Any]]) -> Node:
        lengths = np.array([len(value) for value in values], np.int64)
        return {
            "lengths": self._array(lengths),
            "keys": self.column([key for value in values for key in value]),
            "items": self.column([item for value in values for item in value.values()]),
        }

    def _arrays(self, values: Sequence[np.ndarray]) -> Node:
        once, places = _unique(values)
        kinds = {(array.dtype.str, array.ndim) for array in once}
        if len(kinds) > 1:
            return {"places": self._array(places), "each": [self._arrays([a]) for a in once]}
        dtype, ndim = next(iter(kinds))
        if np.dtype(dtype).hasobject:
            raise PluginError("an array of objects")
        shapes = np.array([array.shape for array in once], np.int64).reshape(len(once), ndim)
        flat = np.concatenate([np.ascontiguousarray(array).reshape(-1) for array in once])
        flat = flat.astype(dtype, copy=False)  # concatenate changes the order of bytes
        return {
            "places": self._array(places),
            "shapes": self._array(shapes),
            "dtype": dtype,
            "values": self._array(flat.view(np.uint8)),
        }

    def _scalars(self, values: Sequence[np.generic]) -> Node:
        return self._arrays([np.asarray(value) for value in values])

    def _tensors(self, values: Sequence[Any]) -> Node:
        return self._arrays([value.detach().cpu().numpy() for value in values])

    def _objects(self, values: Sequence[Any]) -> Node:
        once, places = _unique(values)
        kinds = {type(value) for value in once}
        if len(kinds) > 1:
            return {"places": self._array(places), "each": [self._objects([v]) for v in once]}
        kind = next(iter(kinds))
        states = [attributes(value) for value in once]
        return {
            "places": self._array(places),
            "class": f"{kind.__module__}:{kind.__qualname__}",
            "state": self.column(states),
        }


_WRITE: dict[str, Callable[[Writer, Any], Node]] = {
    "none": lambda writer, values: {},
    "bool": Writer._numbers,
    "int": Writer._numbers,
    "float": Writer._numbers,
    "str": Writer._texts,
    "bytes": Writer._bytes,
    "list": Writer._lists,
    "tuple": Writer._lists,
    "set": Writer._sets,
    "frozenset": Writer._sets,
    "dict": Writer._mappings,
    "ndarray": Writer._arrays,
    "scalar": Writer._scalars,
    "tensor": Writer._tensors,
    "object": Writer._objects,
}


def _kind(value: Any) -> str:
    name = type(value).__name__ if value is not None else "none"
    if type(value).__module__ == "builtins" and name in _WRITE:
        return name
    if value is None:
        return "none"
    if isinstance(value, collections.defaultdict):
        return "dict"  # without its factory, which is code
    if type(value) is np.ndarray:
        return "ndarray"
    if isinstance(value, np.generic):
        return "scalar"
    if type(value).__module__ == "torch" and name == "Tensor":
        return "tensor"
    if type(value).__module__ == "builtins" or isinstance(value, type) or callable(value):
        raise PluginError(f"a {type(value).__name__}")
    return "object"


def _unique(values: Sequence[Any]) -> tuple[list[Any], np.ndarray]:
    """Return each different object once, and the place of each value among them."""
    place: dict[int, int] = {}
    once: list[Any] = []
    for value in values:
        if id(value) not in place:
            place[id(value)] = len(once)
            once.append(value)
    return once, np.array([place[id(value)] for value in values], np.int64)


class Reader:
    """Decodes what a `Writer` wrote.

    Args:
        arrays: by name.
        packages: the names of the packages whose classes may occur.
    """

    def __init__(self, arrays: dict[str, np.ndarray], packages: frozenset[str]) -> None:
        self._arrays, self._packages = arrays, packages | _ALWAYS

    def column(self, node: Node) -> list[Any]:
        """Return the values of a node.

        Raises:
            UsageError, KeyError, TypeError, ValueError, IndexError: the node is damaged.
        """
        if "mixed" in node:
            columns = [iter(self.column(one)) for one in node["columns"]]
            return [next(columns[which]) for which in self._arrays[node["mixed"]].tolist()]
        return _READ[node["kind"]](self, node)

    def _numbers(self, node: Node) -> list[Any]:
        if "text" in node:
            return [int(text) for text in node["text"]]
        return self._arrays[node["values"]].tolist()

    def _sequences(self, node: Node) -> list[Any]:
        make = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[node["kind"]]
        items = self.column(node["items"])
        ends = np.cumsum(self._arrays[node["lengths"]]).tolist()
        return [make(items[a:b]) for a, b in zip([0, *ends], ends, strict=False)]

    def _mappings(self, node: Node) -> list[dict[Any, Any]]:
        keys, items = self.column(node["keys"]), self.column(node["items"])
        ends = np.cumsum(self._arrays[node["lengths"]]).tolist()
        return [
            dict(zip(keys[a:b], items[a:b], strict=True))
            for a, b in zip([0, *ends], ends, strict=False)
        ]

    def _array_values(self, node: Node) -> list[np.ndarray]:
        places = self._arrays[node["places"]].tolist()
        if "each" in node:
            once = [self._array_values(one)[0] for one in node["each"]]
        else:
            flat = self._arrays[node["values"]].view(np.dtype(node["dtype"]))
            shapes = self._arrays[node["shapes"]]
            ends = np.cumsum(shapes.prod(axis=1, dtype=np.int64)).tolist()
            parts = zip([0, *ends], ends, shapes.tolist(), strict=False)
            once = [flat[a:b].reshape(shape) for a, b, shape in parts]
        return [once[place] for place in places]

    def _scalars(self, node: Node) -> list[Any]:
        return [array[()] for array in self._array_values(node)]

    def _tensors(self, node: Node) -> list[Any]:
        import torch

        return [torch.from_numpy(array.copy()) for array in self._array_values(node)]

    def _objects(self, node: Node) -> list[Any]:
        places = self._arrays[node["places"]].tolist()
        if "each" in node:
            once = [self._objects(one)[0] for one in node["each"]]
        else:
            kind = self._class(node["class"])
            once = [made_of(kind, state) for state in self.column(node["state"])]
        return [once[place] for place in places]

    def _class(self, name: str) -> Any:
        """Return a class of the packages of the metrics, without importing anything."""
        module, _, path = name.partition(":")
        found: Any = sys.modules.get(module)
        for part in path.split("."):
            found = getattr(found, part, None)
        if module.partition(".")[0] not in self._packages or not isinstance(found, type):
            raise UsageError(f"it holds an object of {name}, which is not a class of its metrics")
        return found


_READ: dict[str, Callable[[Reader, Node], list[Any]]] = {
    "none": lambda reader, node: [None] * int(node["count"]),
    "bool": Reader._numbers,
    "int": Reader._numbers,
    "float": Reader._numbers,
    "str": lambda reader, node: list(node["text"]),
    "bytes": lambda reader, node: [bytes.fromhex(text) for text in node["text"]],
    "list": Reader._sequences,
    "tuple": Reader._sequences,
    "set": Reader._sequences,
    "frozenset": Reader._sequences,
    "dict": Reader._mappings,
    "ndarray": Reader._array_values,
    "scalar": Reader._scalars,
    "tensor": Reader._tensors,
    "object": Reader._objects,
}
