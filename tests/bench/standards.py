"""How long the catalogue takes to load, and the check of all standards with their samples.

python -m tests.bench.standards
"""

from __future__ import annotations

import json
import time

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.check import check_standard


def main() -> None:
    begin = time.perf_counter()
    catalogue = load_catalogue()
    standards = [catalogue.get(name) for name in catalogue.datasets()]
    loaded = time.perf_counter()
    issues = [issue for folder in catalogue.folders.values() for issue in check_standard(folder)]
    checked = time.perf_counter()
    figures = {
        "standards": len(standards),
        "fields": sum(len(one.fields) for one in standards),
        "load_seconds": round(loaded - begin, 3),
        "check_seconds": round(checked - loaded, 2),
        "issues": len(issues),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
