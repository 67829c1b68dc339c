"""What the tests need from the system, and how to get it on Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path


class NeedMissing(RuntimeError):
    """Something that the tests need isn't installed; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Need:
    """A Debian package, and how to see that what it brings is there."""

    package: str
    present: Callable[[], bool]


def postgres_program(name: str) -> str | None:
    """Path of a program of PostgreSQL's newest installed version; Debian keeps them off PATH."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: float(path.parts[-3]),
    )
    return str(installed[-1]) if installed else shutil.which(name)


def _has_jsonlite() -> bool:
    return any(
        Path(lib, "jsonlite").is_dir()
        for lib in ("/usr/lib/R/site-library", "/usr/local/lib/R/site-library")
    )


def _has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    found = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False)
    return bool(found.stdout.strip())


NEEDS = (
    Need("wrk", lambda: shutil.which("wrk") is not None),
    Need("postgresql", lambda: postgres_program("initdb") is not None),
    Need("mariadb-server", lambda: shutil.which("mariadbd") is not None),
    Need("openssl", lambda: shutil.which("openssl") is not None),
    Need("libmagic1", lambda: find_library("magic") is not None),
    Need("dovecot-imapd", lambda: Path("/usr/lib/dovecot/imap").exists()),
    Need("nginx-light", lambda: Path("/usr/sbin/nginx").is_file()),
    Need("prometheus", lambda: shutil.which("promtool") is not None),
    Need("redis-server", lambda: shutil.which("redis-server") is not None),
    Need("rabbitmq-server", lambda: Path("/usr/lib/rabbitmq/bin/rabbitmq-server").is_file()),
    Need("openssh-server", lambda: Path("/usr/sbin/sshd").is_file()),
    Need("chromium", lambda: shutil.which("chromium") is not None),
    Need("chromium-driver", lambda: shutil.which("chromedriver") is not None),
    Need("fonts-noto-cjk", _has_chinese_font),
    Need("systemd", lambda: shutil.which("systemd-analyze") is not None),
    Need("curl", lambda: shutil.which("curl") is not None),
    Need("zstd", lambda: shutil.which("zstd") is not None),
    Need("default-jdk-headless", lambda: shutil.which("javac") is not None),
    Need("r-base-core", lambda: shutil.which("Rscript") is not None),
    Need("r-cran-jsonlite", _has_jsonlite),
    Need("libreoffice-calc-nogui", lambda: shutil.which("soffice") is not None),
)


def missing() -> list[str]:
    """Debian packages that are still needed."""
    return [need.package for need in NEEDS if not need.present()]


def require(packages: Iterable[str]) -> None:
    """Raises NeedMissing, naming what to install, where one of `packages` isn't there."""
    absent = [package for package in missing() if package in set(packages)]
    if absent:
        raise NeedMissing(f"The tests need: apt-get install {' '.join(absent)}")


def install_missing() -> None:
    """Installs what is missing when root; raises NeedMissing otherwise."""
    packages = missing()
    if not packages:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NeedMissing(f"The tests need: apt-get install {' '.join(packages)}")
    print(f"Installing {' '.join(packages)}", flush=True)
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        _apt_get(arguments)
    require(packages)


def _apt_get(arguments: list[str]) -> None:
    done = subprocess.run(
        ["apt-get", "--quiet=2", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-10:])
        raise NeedMissing(f"apt-get {' '.join(arguments)} failed:\n{tail}")
