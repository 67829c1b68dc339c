"""The data dictionary of the delivered standards."""

from __future__ import annotations

from pathlib import Path

import pytest

from publisher.dictionary_site import write_site
from tests.publisher.schema_cases import CATALOGUE


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dictionary") / "数据 标准"
    write_site(CATALOGUE, folder)
    return folder
