"""Run files (TOML) and `--set section.key=value` into frozen dataclasses; an unknown key names the nearest known one."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from galactica.errors import BadConfig

T = TypeVar("T")


def load(path: Path, kind: type[T], overrides: Sequence[str] = ()) -> T:
    """The dataclass `kind` from a TOML file, with `a.b=value` overrides applied last (value in TOML, or a bare string)."""
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadConfig(f"no run file {str(path)!r}. The project's own are in runs/, e.g. runs/tiny.toml.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path} is not TOML: {error}") from None
    for override in overrides:
        _apply(tree, override)
    return build(tree, kind, str(path))


def build(tree: Mapping[str, Any], kind: type[T], where: str) -> T:
    """The dataclass `kind` from nested mappings. Raises BadConfig for an unknown key, a missing one or a wrong type."""
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(kind)
    for key in tree:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(fields)}"
            raise BadConfig(f"{where}: unknown key {key!r}{hint}")
    values = {key: _convert(value, hints[key], f"{where}: {key}") for key, value in tree.items()}
    try:
        return kind(**values)
    except TypeError:
        absent = [
            name
            for name, field in fields.items()
            if name not in values
            and field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
        ]
        raise BadConfig(f"{where}: missing {', '.join(absent)}") from None


def to_tree(config: Any) -> dict[str, Any]:
    """The dataclass as plain JSON values, for manifests."""
    return dataclasses.asdict(config, dict_factory=lambda pairs: {key: _plain(value) for key, value in pairs})


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _apply(tree: dict[str, Any], override: str) -> None:
    path, equals, text = override.partition("=")
    if not equals or not path.strip():
        raise BadConfig(f"--set {override!r}: write section.key=value")
    try:
        value = tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        value = text
    *parents, leaf = path.strip().split(".")
    for name in parents:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise BadConfig(f"--set {override!r}: {name!r} is a value, not a section")
    tree[leaf] = value


def _convert(value: Any, hint: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise BadConfig(f"{where} is a section, not {value!r}")
        return build(value, hint, where)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [kind for kind in arguments if kind is not type(None)]
        return None if value is None else _convert(value, kinds[0], where)
    if origin is typing.Literal:
        if value not in arguments:
            raise BadConfig(f"{where} is {value!r}; allowed: {', '.join(map(repr, arguments))}")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise BadConfig(f"{where} is {value!r}; write a list")
        return tuple(_convert(item, arguments[0], where) for item in value)
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        if not isinstance(value, Mapping):
            raise BadConfig(f"{where} is a section, not {value!r}")
        return {key: _convert(item, arguments[1], f"{where}.{key}") for key, item in value.items()}
    if hint is Path and isinstance(value, str):
        return Path(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise BadConfig(f"{where} is {value!r}; it must be of type {hint.__name__}")
    return value
