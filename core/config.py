"""Configuration: one frozen, validated model per task, from defaults, a file and `key=value`.

Keys are flat (`epochs=3`); options of the chosen data set and model are `data.KEY=VALUE` and
`model.KEY=VALUE`. Each error is one line: the key, the expected value and the actual value.
"""

from __future__ import annotations

import reprlib
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from nntasks.errors import UsageError, did_you_mean
from nntasks.renaming import present_name
from nntasks.storage.yaml_files import read_yaml

OPTION_GROUPS = ("data", "model")  # prefixes of dotted keys


class IsPath:
    """Marks a text key whose values are paths; a leading ~ means the home folder."""


def _split_commas(value: Any) -> Any:
    """Read a list from text with commas; a single value becomes a list of one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, (bool, int, float)):
        return [value]
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_split_commas)]
Paths = Annotated[tuple[str, ...], BeforeValidator(_split_commas), IsPath]
Integers = Annotated[tuple[int, ...], BeforeValidator(_split_commas)]
Floats = Annotated[tuple[float, ...], BeforeValidator(_split_commas)]


class Options(BaseModel):
    """A group of keys. Every field needs a description, and a range if it has one.

    Attributes:
        defaults: new defaults for inherited keys. Type, range and description stay the same.
        renamed: the present name of each key by its former name. Either is taken; a user who types
            the former name is told the present one.
    """

    defaults: ClassVar[Mapping[str, Any]] = {}
    renamed: ClassVar[Mapping[str, str]] = {}

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **words: Any) -> None:
        super().__pydantic_init_subclass__(**words)
        changed = cls.__dict__.get("defaults", {})
        for key, value in changed.items():
            if key not in cls.model_fields:
                raise TypeError(f"{cls.__name__}.defaults: {key!r} is not one of its keys")
            cls.model_fields[key].default = value
        for former, key in cls.renamed.items():
            if key not in cls.model_fields or former in cls.model_fields:
                raise TypeError(
                    f"{cls.__name__}.renamed: {key!r} must be a key and {former!r} none"
                )
        if changed:
            cls.model_rebuild(force=True)


class TaskConfig(Options):
    """The keys that every task has."""

    data: str = Field("", description="name of the data set")
    model: str = Field("", description="name of the model")
    metrics: Names = Field((), description="names of the metrics, separated by commas")
    weights: Path | None = Field(
        None, description="file or run with weights to evaluate, without training"
    )
    seed: int = Field(0, ge=0, lt=2**31, description="seed of all random streams")
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|cuda(:\d+)?|mps)$",
        description="device: auto, cpu, cuda, cuda:N or mps",
    )
    log: Names = Field(
        (), description="loggers, separated by commas, such as tensorboard; none if empty"
    )
    data_options: dict[str, Any] = Field({}, description="options of the data set: data.KEY=VALUE")
    model_options: dict[str, Any] = Field({}, description="options of the model: model.KEY=VALUE")


AnyOptions = TypeVar("AnyOptions", bound=Options)


def parse_overrides(pairs: Iterable[str]) -> dict[str, str]:
    """Read `key=value` arguments; the last value of a key wins."""
    overrides = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"expected key=value, got {pair!r}; for example epochs=3")
        overrides[key.strip()] = value.strip()
    return overrides


def read_config_file(path: Path) -> dict[str, Any]:
    """Read a YAML mapping of keys, such as the `config.yaml` of a run."""
    content = read_yaml(path.expanduser())
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UsageError(f"{path}: expected lines of `key: value`, got {type(content).__name__}")
    return {str(key): value for key, value in content.items()}


def build(schema: type[AnyOptions], *layers: Mapping[str, Any], prefix: str = "") -> AnyOptions:
    """Merge `layers` over the defaults of `schema` and validate the result.

    Args:
        schema: the keys, with their defaults and ranges.
        layers: mappings from key to value (text or typed); later ones win. A key may be dotted
            (`data.test`) or be `data_options` with a mapping.
        prefix: precedes keys in messages.

    Raises:
        UsageError: names the key, the expected and actual values, and the nearest known key.
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        _merge_layer(schema, merged, layer, prefix)
    values = {key: _none_for(schema.model_fields[key], value) for key, value in merged.items()}
    try:
        return _with_home(schema.model_validate(values))
    except ValidationError as error:
        raise UsageError(
            "; ".join(_explain(schema, problem, prefix) for problem in error.errors())
        ) from None


def _merge_layer(
    schema: type[Options], merged: dict[str, Any], layer: Mapping[str, Any], prefix: str
) -> None:
    for key, value in layer.items():
        group, dot, option = key.partition(".")
        field = f"{group}_options"
        if dot and group in OPTION_GROUPS and field in schema.model_fields:
            merged[field] = {**merged.get(field, {}), option: value}
        elif key in schema.renamed:
            merged[present_name(schema.renamed, key, layer, prefix)] = value
        elif key not in schema.model_fields:
            hint = did_you_mean(key, schema.model_fields)
            known = (
                "" if hint else f" Known keys: {', '.join(sorted(schema.model_fields)) or 'none'}."
            )
            raise UsageError(f"unknown key {prefix}{key!s}.{hint}{known}")
        elif key.endswith("_options") and isinstance(value, Mapping):
            merged[key] = {**merged.get(key, {}), **value}
        else:
            merged[key] = value


def _none_for(field: FieldInfo, value: Any) -> Any:
    """Convert the text "none" to None for optional keys."""
    optional = type(None) in typing.get_args(field.annotation)
    return None if optional and value in ("none", "null", "") else value


def _with_home(options: AnyOptions) -> AnyOptions:
    """Return the options with a leading ~ in paths replaced by the home folder."""
    keys = path_keys(type(options))
    return options.model_copy(
        update={key: map_paths(_at_home, getattr(options, key)) for key in keys}
    )


def path_keys(schema: type[Options]) -> list[str]:
    """Return the keys of a schema whose values are paths."""
    return [key for key, field in schema.model_fields.items() if _holds_paths(field)]


def _holds_paths(field: FieldInfo) -> bool:
    arguments = (field.annotation, *typing.get_args(field.annotation))
    return Path in arguments or IsPath in field.metadata


def map_paths(change: Callable[[Path], Path], value: Any) -> Any:
    """Return the value of a key with `change` applied to each path; None and numbers stay."""
    if isinstance(value, Path):
        return change(value)
    if isinstance(value, str):
        return str(change(Path(value))) if value else value
    if isinstance(value, (tuple, list)):
        return type(value)(map_paths(change, item) for item in value)
    return value


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # ~NAME of an unknown user
        return path


def _explain(schema: type[Options], problem: Any, prefix: str) -> str:
    key = str(problem["loc"][0]) if problem["loc"] else ""
    got = problem.get("input")
    if key in schema.model_fields:
        expected = describe_values(schema.model_fields[key])
        got = _short(got)
        if problem["type"] == "value_error":  # a plugin's validator, with its own message
            return f"{prefix}{key}: {problem['msg'].removeprefix('Value error, ')}, got {got}"
        return f"{prefix}{key}: expected {expected}, got {got}"
    return f"{prefix}{key or 'configuration'}: {problem['msg'].removeprefix('Value error, ')}"


def _short(value: Any) -> str:
    """Return a value for a message, at most 80 characters long."""
    brief = reprlib.Repr()
    brief.maxstring = brief.maxother = brief.maxlong = 80
    brief.maxlevel = 2
    return brief.repr(value)[:200]


def describe_values(field: FieldInfo) -> str:
    """Describe the values of a key: `a number > 0 and <= 1`, `one of sgd, adam`, `yes or no`."""
    text, or_none = _describe_type(field.annotation), ""
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "multiple_of": "a multiple of"}
    bounds = [
        f"{sign} {_bound(getattr(rule, name))}"
        for rule in field.metadata
        for name, sign in signs.items()
        if getattr(rule, name, None) is not None
    ]
    pattern = next(
        (p for p in (getattr(rule, "pattern", None) for rule in field.metadata) if p), ""
    )
    if pattern and field.description:
        return field.description.partition(": ")[2] or f"text like {pattern}"
    if bounds and text.endswith(" or none"):
        text, or_none = text.removesuffix(" or none"), ", or none"
    return f"{text} {' and '.join(bounds)}{or_none}" if bounds else text


def _bound(value: float) -> str:
    """Return a bound as people write it: `100,000`, not `100000` or `1e+05`."""
    whole = value == int(value) and abs(value) < 1e12
    return f"{int(value):,}" if whole else f"{value:g}"


_TYPE_NAMES: dict[Any, str] = {
    bool: "yes or no",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    type(None): "none",
}


def _describe_type(annotation: Any) -> str:
    if annotation in _TYPE_NAMES:
        return _TYPE_NAMES[annotation]
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _describe_type(args[0])
    if origin is typing.Literal:
        return "one of " + ", ".join(str(arg) for arg in args)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_describe_type(arg) for arg in args)
    if origin is tuple:
        inner = {int: "whole numbers", float: "numbers", str: "names"}.get(args[0], "values")
        return f"{inner} separated by commas"
    return "a mapping" if origin is dict else getattr(annotation, "__name__", str(annotation))


def flatten(config: Options) -> dict[str, Any]:
    """Return plain YAML values by key, with dotted options; `build` restores the configuration."""
    flat: dict[str, Any] = {}
    for key, value in config.model_dump(mode="json").items():
        if key.endswith("_options") and isinstance(value, dict):
            flat.update({f"{key.removesuffix('_options')}.{name}": v for name, v in value.items()})
        else:
            flat[key] = value
    return flat
