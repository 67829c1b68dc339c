"""Settings under the environment: whoever reads a variable finds what hub.toml says.

One place decides and validates, and every reader stays as simple as it was. The environment is put
back at the end of the block, so that two commands in one process don't hear of each other's files.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from hub.settings.effective import FILE, SECRET_FILE, Settings, read_settings


@contextmanager
def laid(
    site: Path, environment: MutableMapping[str, str], *, strict: bool = True
) -> Iterator[Settings]:
    """The settings, laid under `environment` until the block ends.

    Raises Misdeclared for the first that is wrong; where not `strict`, what is wrong is left out and
    stands in the settings' `issues`.
    """
    settings = read_settings(site, environment)
    if strict:
        settings.check()
    before = dict[str, str | None]()
    for one in settings.values:
        name = one.setting.name
        if one.source in (FILE, SECRET_FILE) and one.value is not None:
            before[name] = environment.get(name)
            environment[name] = one.value
        elif environment.get(name) == "":  # set to nothing is not set, whoever reads it
            before[name] = environment.pop(name)
    try:
        yield settings
    finally:
        for name, value in before.items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
