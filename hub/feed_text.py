"""A declaration as text that a person wrote in a browser: read strictly, and written line by line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from adapters.declaration import check_declaration, feed_of
from adapters.feed import Feed
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from exchange_schemas.strict_yaml import read_strictly

MOST_CHARACTERS = 200_000
MOST_DEEP = 20  # levels; a declaration has six
_ORDER = ("feed", "title", "standard", "version", "department", "every", "contact", "source", "format",
          "mode", "nulls", "breaker", "fields", "ignore")  # fmt: skip
_LISTED = ("fields", "ignore")  # one line for each entry
_HERE = Path("declaration.yml")


def read_text(text: str) -> dict[str, Any]:
    """The declaration that the text is, with its format filled in.

    Raises Misdeclared: feed_text_wrong (line, place, reason), plugin_broken.
    """
    told = loaded(text)
    try:
        return check_declaration(told, _HERE)
    except Misdeclared as error:
        if error.issue.code != "feed_invalid":
            raise
        params = error.issue.params
        place = params["place"]
        raise _wrong(line_of(text, place), place, params["reason"], params["reason_zh"]) from error


def feed_from(text: str, path: Path) -> Feed:
    """The feed that the text declares, as if it stood at `path`; raises as `read_text`."""
    return feed_of(read_text(text), path)


def written(told: Mapping[str, Any], standard: Standard | None = None) -> str:
    """The declaration as YAML, with the titles of the fields beside them."""
    lines = []
    for key in [*_ORDER, *(name for name in told if name not in _ORDER)]:
        if key not in told:
            continue
        value = told[key]
        if key in _LISTED and value:
            lines.append(f"{key}:")
            lines += [
                f"  {_flow(k)}: {_flow(v)}{_beside(k, key, standard)}" for k, v in value.items()
            ]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def line_of(text: str, place: str) -> int:
    """The line, from 1, of what stands at the dotted place; of the nearest thing around it."""
    node, line, rest = yaml.compose(text, yaml.SafeLoader), 1, place
    while isinstance(node, yaml.MappingNode):
        keys = {str(key.value): (key, value) for key, value in node.value}
        fits = [name for name in keys if rest == name or rest.startswith(f"{name}.")]
        if not fits:
            break
        name = max(fits, key=len)
        line, node = keys[name][0].start_mark.line + 1, keys[name][1]
        rest = rest[len(name) + 1 :]
    return line


def loaded(text: str) -> Any:
    """The document that the text is, whatever it says; raises Misdeclared (feed_text_wrong)."""
    if len(text) > MOST_CHARACTERS:
        wrong = f"longer than {MOST_CHARACTERS:,} characters", f"超过 {MOST_CHARACTERS:,} 个字符"
        raise _wrong(1, "YAML", *wrong)
    try:
        _check_shape(text)
        told = read_strictly(text)
        _check_texts(told)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else 1
        raise _wrong(line, "YAML", f"not readable: {problem}", f"读不懂：{problem}") from error
    except (TypeError, ValueError) as error:  # a day that doesn't exist, a list as a name
        raise _wrong(1, "YAML", f"not readable: {error}", f"读不懂：{error}") from error
    return told


def _check_shape(text: str) -> None:
    """Refuses what a declaration never needs and that makes a small text a huge or odd document."""
    deep = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _wrong(line, "YAML", "no * references, please", "不能使用 * 引用")
        if isinstance(event, yaml.CollectionStartEvent):
            deep += 1
        if isinstance(event, yaml.CollectionEndEvent):
            deep -= 1
        if deep > MOST_DEEP:
            raise _wrong(line, "YAML", "nested too deeply", "嵌套层数过多")


def _check_texts(told: Any) -> None:
    """Raises TypeError for a name that isn't text, ValueError for text that isn't characters."""
    if isinstance(told, Mapping):
        for key, value in told.items():
            if not isinstance(key, str):
                raise TypeError(f"{key}: a name has to be text, in quotes")
            _check_texts(key)
            _check_texts(value)
    elif isinstance(told, list):
        for one in told:
            _check_texts(one)
    elif isinstance(told, str):
        told.encode()


def _wrong(line: int, place: str, reason: str, reason_zh: str) -> Misdeclared:
    params = {"line": str(line), "place": place, "reason": reason, "reason_zh": reason_zh}
    return Misdeclared(Issue("feed_text_wrong", params=params))


def _beside(name: str, key: str, standard: Standard | None) -> str:
    field = standard.fields.get(name) if standard is not None and key == "fields" else None
    return f"  # {field.title}" if field is not None else ""


def _flow(value: Any) -> str:
    """One line of YAML."""
    text: str = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=1 << 20
    )
    return text.removesuffix("\n").removesuffix("\n...")
