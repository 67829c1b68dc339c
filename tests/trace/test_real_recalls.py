"""A real list of recalls goes through a feed into product_recall. The rejected rows were read by a person, who
agrees: 281 notices are alerts without a reason, seven are closed without a day, ten have sentences for a unit,
and four end before they begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.declaration import load_feed
from hub import pipeline
from hub.analysis.inputs import Inputs
from hub.trace.computing import RECALL
from tests.analysis.conftest import Place

FEED = Path(__file__).parents[2] / "adapters" / "feeds" / "usda_recalls.yml"


def test_real_recalls(small: Place, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (shared / "data" / "recalls" / "usda_recalls.csv").is_file():
        pytest.skip("the real recalls aren't in ../shared/data/recalls")
    monkeypatch.setenv("FEED_DATA", str(shared / "data"))
    feed = load_feed(FEED)
    done = pipeline.run_feed(pipeline.deliver(small.site, small.engine, small.catalogue, feed))
    assert (done["read"], done["accepted"], done["rejected"]) == (1558, 1256, 302)
    assert done["issues"] == {"required": 288, "length": 10, "date_order": 4, "expected": 699}
    rows = Inputs(small.site, small.engine, small.catalogue).frame(RECALL, "state", "recall_no")
    assert rows["recall_no"].n_unique() == 1256
    assert dict(rows["state"].value_counts().iter_rows()).keys() == {"已完成", "实施中"}
