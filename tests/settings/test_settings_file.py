"""hub.toml, the environment before it, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.settings.catalogue import BY_KEY, BY_NAME, SETTINGS
from hub.settings.effective import (
    DEFAULT,
    ENVIRONMENT,
    FILE,
    SECRET_FILE,
    UNSET,
    Settings,
    read_settings,
)
from hub.settings.laid import laid
from hub.settings.nearest import unknown_names
from hub.settings.setting import Secrecy

HUSH = "hunter2-hunter2"  # of every secret in these tests: it must never be quoted


def read(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    (folder / "hub.toml").write_text(text, encoding="utf-8")
    return read_settings(folder, environment or {})


def only(settings: Settings) -> Issue:
    (issue,) = settings.issues
    for locale in ("zh_CN", "en"):
        assert HUSH not in issue.message(locale)
        assert "{" not in issue.message(locale).replace("${NAME}", "")
    assert HUSH not in repr(issue)
    return issue


def value(settings: Settings, key: str) -> tuple[str, str | None]:
    (one,) = [v for v in settings.values if v.setting.title == key]
    return one.source, one.value


def test_the_environment_counts_before_the_file_and_the_file_before_the_default(
    tmp_path: Path,
) -> None:
    text = "[serve]\nport = 8001\n[exchange]\nrate = 5\n"
    found = read(tmp_path, text, {"HUB_EXCHANGE_RATE": "7"})
    found.check()
    assert value(found, "serve.port") == (FILE, "8001")
    assert value(found, "exchange.rate") == (ENVIRONMENT, "7")
    assert value(found, "serve.host") == (DEFAULT, "127.0.0.1")
    assert value(found, "database.url") == (UNSET, None)


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("[console]\nsesion_hours = 3", "setting_unknown", 2, ["console.session_hours"]),
        ("port = 8000", "setting_unknown", 1, ["serve.port"]),
        ("[srve]\nport = 8000", "setting_unknown", 2, ["serve.port", "[database]"]),
        ("[console]\noidc.issuer = 'https://x'", "setting_unknown", 2, ["console.oidc_issuer"]),
        ("\n[serve] # here\nport = '8000'", "setting_type", 3, ["8000", "0", "65535"]),
        ("[serve]\nport = true", "setting_type", 2, ["True"]),
        ("[serve]\nport = 65536", "setting_wrong", 2, ["65536", "65535"]),
        ("[exchange]\nsegment_entries = 300", "setting_wrong", 2, ["300", "1048576"]),
        ("[exchange]\nwebhooks_internal = 1", "setting_type", 2, ["true"]),
        ("[console]\ncode_required = 'some'", "setting_wrong", 2, ["everyone, offices, nobody"]),
        ("[feeds]\ninternal = ['a', 1]", "setting_type", 2, []),
        ("[mail]\noperator = 'nobody'", "setting_wrong", 2, ["nobody"]),
        ("[portal]\nbase_url = 'ftp://x'", "setting_wrong", 2, ["ftp://x", "https://"]),
        (f"[console]\noidc_secret = '{HUSH}'", "setting_secret", 2, ["HUB_CONSOLE_OIDC_SECRET_FILE"]),
        (f"[console]\noidc_secret = '{HUSH}${{A}}'", "setting_secret", 2, []),
        (f"[database]\nurl = 'postgresql://hub:{HUSH}@db/hub'", "setting_secret", 2, ["HUB_DATABASE_URL"]),
        (f"[database]\nurl = 'postgresql://db/hub?password={HUSH}'", "setting_secret", 2, []),
        (f"[database]\nurl = 'postgresql://hub:{HUSH}@[db/hub'", "setting_secret", 2, []),
        (f"[consle]\noidc_secret = '{HUSH}'", "setting_unknown", 2, ["console.oidc_secret"]),
        ("[alerts]\nwecom = '${ROBOT}'", "setting_reference", 2, ["ROBOT_FILE"]),
        ("[serve]\nport = 1\nhost = x", "settings_unreadable", None, ["line 3"]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, text: str, code: str, line: int | None, words: list[str]
) -> None:
    found = read(tmp_path, text)
    issue = only(found)
    assert (issue.code, issue.line, issue.file) == (code, line, str(tmp_path / "hub.toml"))
    assert all(word in issue.message("en") for word in words)
    assert str(tmp_path / "hub.toml") in issue.message("zh_CN")
    with pytest.raises(Misdeclared):
        found.check()


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"HUB_LEASE_SECONDS": "soon"}, "setting_wrong"),
        ({"HUB_OFFLOAD": "x-sendfile"}, "setting_wrong"),
        ({"HUB_SMTP_URL": f"http://a:{HUSH}@b"}, "setting_wrong"),
        ({"HUB_SMTP_URL_FILE": "nowhere"}, "setting_secret_file"),
        ({"HUB_SMTP_URL": "smtp://a", "HUB_SMTP_URL_FILE": "b"}, "setting_twice"),
        ({"HUB_CONFIG": "nowhere.toml"}, "settings_missing"),
    ],
)
def test_mistakes_of_the_environment_are_told(
    tmp_path: Path, environment: dict[str, str], code: str
) -> None:
    assert only(read_settings(tmp_path, environment)).code == code


@pytest.mark.parametrize(
    "content", [b"\xff\xfe[serve]", b"[serve", b"[a]\n" * 2, b"x=" + b"[" * 5000]
)
def test_what_is_no_toml_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hub.toml").write_bytes(content)
    assert only(read_settings(tmp_path, {})).code == "settings_unreadable"


def test_secrets_come_from_variables_and_from_files(tmp_path: Path) -> None:
    (tmp_path / "db").write_text(f"postgresql://hub:{HUSH}@db/hub\n")
    (tmp_path / "mailer").write_text(HUSH)
    text = "[mail]\nserver = 'smtp://hub:${MAILER}@mail'\n[console]\noidc_secret = '${OIDC}'\n"
    environment = {
        "HUB_DATABASE_URL_FILE": str(tmp_path / "db"),
        "MAILER_FILE": str(tmp_path / "mailer"),
        "OIDC": HUSH,
    }
    found = read(tmp_path, text, environment)
    found.check()
    assert value(found, "database.url") == (SECRET_FILE, f"postgresql://hub:{HUSH}@db/hub")
    assert value(found, "mail.server") == (FILE, f"smtp://hub:{HUSH}@mail")
    assert value(found, "console.oidc_secret") == (FILE, HUSH)
    assert not [one for one in found.values if one.shown and HUSH in one.shown]


def test_names_that_mean_nothing_are_told_unless_a_declaration_refers_to_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "a.yml").write_text("source: {token: '${HUB_OWN_TOKEN}'}")
    environment = {
        "HUB_OWN_TOKEN": "x",
        "HUB_OWN_TOKEN_FILE": "x",
        "HUB_DATABSE_URL": "x",
        "HUB_SITE": "x",
    }
    (issue,) = unknown_names(environment, tmp_path)
    assert (issue.value, issue.severity) == ("HUB_DATABSE_URL", "warning")
    assert "HUB_DATABASE_URL" in issue.message("en")


def test_settings_lie_under_the_environment_until_the_block_ends(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text(
        "[serve]\nport=1\n[schedule]\nlease_seconds=3\n[feeds]\ninternal=['a','b']"
    )
    environment = {"HUB_SERVE_PORT": "2", "HUB_LEASE_SECONDS": "", "HUB_OFFLOAD": ""}
    before = dict(environment)
    with laid(tmp_path, environment):
        assert environment == {
            "HUB_SERVE_PORT": "2", "HUB_LEASE_SECONDS": "3", "HUB_INTERNAL_FEEDS": "a,b",
        }  # fmt: skip
    assert environment == before


def test_the_shipped_file_changes_nothing_and_every_line_of_it_is_right(tmp_path: Path) -> None:
    import hub.settings

    text = (Path(hub.settings.__path__[0]) / "sample.toml").read_text(encoding="utf-8")
    shipped = read(tmp_path, text)
    assert shipped.issues == []
    assert {one.source for one in shipped.values} == {DEFAULT, UNSET}
    lines = [
        line.removeprefix("# ")
        if " = " in line and line.startswith("# ") and "hub config" not in line
        else line
        for line in text.splitlines()
    ]
    names = {"HUB_DB_PASSWORD": "x", "HUB_MAIL_PASSWORD": "x", "HUB_ALERTS_WECOM_URL": "https://x"}
    said = read(tmp_path, "\n".join(lines), names)
    assert said.issues == []
    assert sum(one.source == FILE for one in said.values) >= 10


words = st.text(st.characters(codec="utf-8"), max_size=40)
scalars = st.one_of(
    words, st.integers(), st.booleans(), st.floats(allow_nan=False), st.lists(words)
)


@given(
    st.dictionaries(st.sampled_from(sorted(BY_NAME)), words, max_size=6),
    st.sampled_from(SETTINGS),
    scalars,
)
def test_whatever_is_set_is_taken_or_told_and_never_raised(
    environment: dict[str, str], setting: object, told: object
) -> None:
    found = read_settings(Path("nowhere"), environment)
    wrong = {one.field or one.value for one in found.issues}
    for one in found.values:
        name = one.setting.name
        if environment.get(name) and "HUB_CONFIG" not in environment:
            assert (one.value == environment[name]) != (name in wrong)
        secret = environment.get(name, "")
        if one.setting.secrecy is Secrecy.WHOLE and len(secret) > 3:
            assert secret not in str(one.shown)


@given(st.sampled_from(sorted(BY_KEY)), scalars)
def test_a_value_of_the_file_is_taken_only_with_its_type(key: str, told: object) -> None:
    text = BY_KEY[key].kind.text_of(told)
    assert (text is None) or type(told) in BY_KEY[key].kind.types
