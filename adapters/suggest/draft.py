"""A suggestion as the text of a declaration: YAML, with the confidence and the reason beside each line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from glob import escape
from pathlib import Path
from typing import Any

import yaml

from adapters.suggest.rules import Suggested
from adapters.suggest.suggestion import Suggestion

DOUBTFUL = 0.75  # below this a line is marked for a person to look at
_UNSEEN = "待确认 (not recognised)"
_NAME = re.compile(r"[^a-z0-9]+")


def draft(found: Suggestion, target: Path) -> str:
    """The declaration that is to stand at `target`; it loads with `adapters.declaration`."""
    lines = [*_head(found, target), *_fields(found), *_missing(found), *_ignore(found)]
    return "\n".join(lines) + "\n"


def feed_name(target: Path, dataset: str) -> str:
    """A feed's name that follows from its file's; from the dataset's where that has no letters."""
    plain = _NAME.sub("_", target.stem.lower()).strip("_")
    return plain[:100] if re.match("[a-z]", plain) else f"{dataset}_{plain}"[:100].rstrip("_")


def _head(found: Suggestion, target: Path) -> Iterator[str]:
    standard, sample = found.standard, found.sample
    title = f"{standard.title}（{found.file.stem}）", f"{standard.title_en} ({found.file.stem})"
    yield "# 由 hub feed suggest 起草，运行前请逐行核对：每行后是把握（0–1）和理由。"
    yield "# A draft by hub feed suggest; check every line before it is run: behind each is how sure it is"
    yield "# (0–1), and why."
    for hint in sample.hints:
        yield f"# 注意 / note: {hint}"
    yield f"feed: {feed_name(target, standard.dataset)}"
    yield f"title: {_flow({'zh': title[0], 'en': title[1]})}"
    yield f"standard: {standard.dataset}"
    yield f"source: {_flow({'kind': 'file', 'path': _path(found.file, target)})}"
    yield f"format: {_flow(dict(sample.format))}  # {sample.guess.confidence:.2f} {_one_line(str(sample.guess.reason))}"
    if sample.guess.encoding is not None:
        told = sample.guess.encoding
        yield f"# 编码 / encoding: {told.name}  # {told.confidence:.2f} 猜测 a guess: {told.reason}"
    yield "mode: increment  # 若每次交付都是全部记录，改为 snapshot · say snapshot if each delivery has every record"
    if found.nulls:
        yield f"nulls: {_flow(list(found.nulls))}  # 样本里表示“没有”的写法 · what says “no value” in the sample"


def _path(file: Path, target: Path) -> str:
    """Relative to the declaration; what means a pattern to a source is written so that it doesn't."""
    return escape(os.path.relpath(file.resolve(), target.resolve().parent))


def _fields(found: Suggestion) -> Iterator[str]:
    yield "fields:"
    for one in found.rules:
        yield f"  {one.field}: {_flow(one.rule)}  # {_beside(found, one)}"
        for note in one.notes:
            yield f"    # 注意 / note: {_one_line(str(note))}"


def _beside(found: Suggestion, one: Suggested) -> str:
    doubt = "待确认 (doubtful) " if one.confidence < DOUBTFUL else ""
    title = found.standard.fields[one.field].title
    return _one_line(f"{one.confidence:.2f} {doubt}{title}：{one.reason}")


def _missing(found: Suggestion) -> Iterator[str]:
    for name in found.missing:
        field = found.standard.fields[name]
        yield f"  # 缺少 / missing: {name} {field.title} ({field.title_en})"


def _ignore(found: Suggestion) -> Iterator[str]:
    if found.unknown:
        yield "ignore:"
    for column in found.unknown:
        yield f"  {_flow(column)}: {_UNSEEN}{_empty(found, column)}"


def _empty(found: Suggestion, column: str) -> str:
    """No sample value: what nobody has looked at yet may be personal."""
    return "" if found.profiles[column].cells else "  # 样本里是空的 · empty in the sample"


def _flow(value: str | Sequence[str] | Mapping[str, Any]) -> str:
    """One line of YAML."""
    text: str = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=1 << 20
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _one_line(text: str) -> str:
    """Without line breaks and other characters that YAML refuses in a comment."""
    return "".join(one if one.isprintable() else " " for one in text)
