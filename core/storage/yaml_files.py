"""Read YAML files with limits on size, depth and aliases; errors are one line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks.errors import UsageError

if TYPE_CHECKING:
    from yaml.nodes import Node

MOST_BYTES = 16 << 20
MOST_NODES = 1_000_000  # with aliases written out
MOST_LEVELS = 50


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds.

    Raises:
        UsageError: the file cannot be read, is not YAML, has a key twice, a value that YAML itself
            cannot take (a day that does not exist, `!!int abc`), or is too large or nested to be a
            file of keys.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UsageError(
                f"{path}: expected a YAML file of at most {MOST_BYTES >> 20} MiB, "
                f"got {size >> 20} MiB"
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not YAML: expected text in UTF-8, got another byte at {error.start}"
        ) from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, name: str) -> Any:
    """Return what YAML text holds (see `read_yaml`); `name` stands for it in messages."""
    import yaml

    try:
        loader = yaml.SafeLoader(text)
        _bound_brackets(loader, name)
        root = loader.get_single_node()
        if root is None:
            return None
        _check(root, name)
        return loader.construct_document(root)
    except RecursionError:
        raise UsageError(f"{name} is nested too deeply to be a file of keys") from None
    except yaml.MarkedYAMLError as error:
        raise UsageError(f"{name} is not YAML: {_reason(error)}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{name} is not YAML: {' '.join(str(error).split())[:200]}") from error
    except (ValueError, TypeError, OverflowError, AttributeError, KeyError) as error:
        # PyYAML's own conversions of dates, numbers and binary values raise whatever Python does.
        reason = " ".join(str(error).split())[:100]
        raise UsageError(f"{name} holds an invalid value: {reason}") from error


def _bound_brackets(loader: Any, name: str) -> None:
    """Limit open brackets while scanning: its time grows with their square."""
    start = loader.fetch_flow_collection_start

    def bounded(kind: Any) -> None:
        if loader.flow_level >= MOST_LEVELS:
            raise UsageError(f"{name} is nested too deeply to be a file of keys")
        start(kind)

    loader.fetch_flow_collection_start = bounded


def _reason(error: Any) -> str:
    where = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
    return f"{' '.join(str(error.problem or error.context).split())[:200]}{where}"


def _check(root: Node, name: str) -> None:
    """Refuse repeated keys, and aliases that would expand to fill the memory."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: Node, level: int) -> int:
        key = id(node)
        if key in open_nodes:
            raise UsageError(f"{name}: line {_line(node)} is an alias of what it is part of")
        if level > MOST_LEVELS:
            raise UsageError(f"{name} is nested too deeply to be a file of keys")
        if key not in sizes:
            open_nodes.add(key)
            sizes[key] = 1 + sum(size(child, level + 1) for child in _children(node, name))
            open_nodes.discard(key)
        if sizes[key] > MOST_NODES:
            raise UsageError(f"{name}: its aliases stand for more than {MOST_NODES} values")
        return sizes[key]

    size(root, 0)


def _children(node: Node, name: str) -> list[Node]:
    from yaml.nodes import MappingNode, SequenceNode

    if isinstance(node, SequenceNode):
        return list(node.value)
    if not isinstance(node, MappingNode):
        return []
    first: dict[tuple[str, str], int] = {}
    for key, _ in node.value:
        word = (key.tag, str(key.value)) if isinstance(key.value, str) else ("", str(id(key)))
        if word in first:
            raise UsageError(
                f"{name}: {key.value!r} stands twice, in lines {first[word]} and {_line(key)}; "
                "keep one"
            )
        first[word] = _line(key)
    return [child for pair in node.value for child in pair]


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
