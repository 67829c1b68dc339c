"""What holds: the environment, before the file, before the default; and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exchange_schemas.errors import HubError, Misdeclared
from exchange_schemas.issue import Issue
from hub.settings.catalogue import BY_KEY, SETTINGS
from hub.settings.file import Written, place_of, read_file
from hub.settings.nearest import unknown_key
from hub.settings.secret import referenced, secret_in_file
from hub.settings.setting import REFERENCE, Secrecy, Setting

ENVIRONMENT, SECRET_FILE, FILE, DEFAULT, UNSET = (
    "environment", "secret file", "file", "default", "not set",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effective:
    """`value` is what the program gets, `shown` what people may see of it; None: nothing is set.
    `line` is that of the file of settings."""

    setting: Setting
    source: str
    value: str | None = None
    shown: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """`values` in the order of the catalogue; `issues` are what the program must not start with."""

    file: Path | None
    values: list[Effective]
    issues: list[Issue] = field(default_factory=list)

    def check(self) -> None:
        """Raises Misdeclared for the first that is wrong."""
        for issue in self.issues:
            raise Misdeclared(issue)


def read_settings(site: Path, environment: Mapping[str, str]) -> Settings:
    """All settings as they hold, and everything that is wrong with them. Raises nothing."""
    issues, written, file = list[Issue](), dict[str, Written](), None
    try:
        file = place_of(site, environment)
        found = read_file(file) if file else []
    except HubError as error:
        issues, found = [error.issue], []
    for one in found:
        if one.key in BY_KEY:
            written[one.key] = one
        else:
            issues.append(unknown_key(one.key, str(file), one.line))
    values = []
    for setting in SETTINGS:
        try:
            values.append(_effective(setting, written.get(setting.key), file, environment))
        except HubError as error:
            issues.append(error.issue)
            values.append(Effective(setting, UNSET))
    return Settings(file, values, issues)


def _effective(
    setting: Setting, written: Written | None, file: Path | None, environment: Mapping[str, str]
) -> Effective:
    told = None if written is None else _written(setting, written, str(file), environment)
    for one in _outside(setting, environment):
        _check(setting, str(one.value), Issue("setting_wrong", field=setting.name))
        return one
    if told is not None:
        return told
    source = UNSET if setting.default is None else DEFAULT
    return Effective(setting, source, setting.default, setting.default)


def _outside(setting: Setting, environment: Mapping[str, str]) -> Iterator[Effective]:
    """What the environment says, or a file that it names."""
    told = environment.get(setting.name)
    named = environment.get(setting.file_name) if setting.file_name else None
    if told and named:
        raise Misdeclared(Issue("setting_twice", value=setting.name))
    if told:
        yield Effective(setting, ENVIRONMENT, told, setting.shown(told))
    if named:
        read = secret_in_file(f"{setting.name}_FILE", named)
        yield Effective(setting, SECRET_FILE, read, setting.shown(read))


def _written(
    setting: Setting, written: Written, file: str, environment: Mapping[str, str]
) -> Effective:
    """What the file says. Raises Misdeclared, also where the environment says otherwise: a file
    that is wrong is corrected, not passed over."""
    where = Issue("setting_wrong", written.line, setting.key, file=file)
    text = setting.kind.text_of(written.value)
    if text is None:
        raise Misdeclared(_issue(setting, "setting_type", _plain(setting, written.value), where))
    if setting.shows_secret(text):
        words = {"name": setting.name}
        raise Misdeclared(Issue("setting_secret", where.line, setting.key, None, file, words))
    if _set(setting, environment) and REFERENCE.search(text):  # what it refers to needn't be there
        return Effective(setting, FILE, text, setting.shown(text), written.line)
    value = referenced(text, environment, where)
    _check(setting, value, where)
    shown = setting.shown(value) if setting.secrecy is Secrecy.WHOLE else setting.shown(text)
    return Effective(setting, FILE, value, shown, written.line)


def _set(setting: Setting, environment: Mapping[str, str]) -> bool:
    """Whether the environment says it, so that what the file says doesn't count."""
    return any(environment.get(name) for name in (setting.name, setting.file_name) if name)


def _check(setting: Setting, value: str, where: Issue) -> None:
    if not setting.kind.fits(value):
        raise Misdeclared(_issue(setting, where.code, _plain(setting, value), where))


def _plain(setting: Setting, value: object) -> str:
    """A wrong value as an error may quote it: of what may hold a secret, nothing."""
    return "…" if setting.secrecy is not Secrecy.NONE else str(value)[:80]


def _issue(setting: Setting, code: str, value: str, where: Issue) -> Issue:
    allowed = setting.kind.allowed
    words = {"expected": allowed("en"), "expected_zh": allowed("zh_CN")}
    return Issue(code, where.line, where.field, value, where.file, words)
