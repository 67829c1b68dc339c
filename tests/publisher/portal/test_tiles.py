"""A city's counties as tiles: declared places, places of its own, and what lies elsewhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from publisher.portal.tiles import grid

DAY = date(2026, 1, 5)
HEAD = "code,title,title_en,valid_from,valid_to"


def test_the_declared_layout_puts_the_north_above() -> None:
    found = grid({"440981": 7, "440902": 2}, DAY)
    places = {tile.title: (tile.column, tile.row) for tile in found.tiles}
    assert places == {"信宜市": (1, 0), "高州市": (1, 1), "化州市": (0, 2), "茂南区": (1, 2), "电白区": (2, 2)}  # fmt: skip
    assert {tile.title: tile.count for tile in found.tiles if tile.count} == {
        "高州市": 7,
        "茂南区": 2,
    }


def test_what_has_no_tile_is_not_lost() -> None:
    counts = {"440981": 7, "440900": 3, "440923": 2, "440100": 1, "440971": 5}
    found = grid(counts, DAY)
    assert found.elsewhere == {"440900": 3, "440923": 2, "440100": 1, "440971": 5}
    shown = sum(tile.count for tile in found.tiles)
    assert shown + sum(found.elsewhere.values()) == sum(counts.values())


def test_another_city_gets_a_grid_without_declaring_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ["450100,甲市,A,,", *(f"45010{n},{n}区,{n} District,," for n in range(1, 8))]
    (tmp_path / "divisions.csv").write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    monkeypatch.setenv("HUB_CODES", str(tmp_path))
    tiles = grid({"450107": 4}, DAY).tiles
    assert [tile.code for tile in tiles] == [f"45010{n}" for n in range(2, 8)]
    assert len({(tile.column, tile.row) for tile in tiles}) == len(tiles)
    assert max(tile.column for tile in tiles) <= 2
    assert tiles[-1].count == 4


def test_a_county_that_the_layout_forgot_stands_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ["450100,甲市,A,,", "450102,乙区,B,,", "450103,丙区,C,,"]
    (tmp_path / "divisions.csv").write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    told = f"{HEAD},column,row\n450103,丙区,C,,,1,0\n"
    (tmp_path / "division_tiles.csv").write_text(told, "utf-8")
    monkeypatch.setenv("HUB_CODES", str(tmp_path))
    places = {tile.title: (tile.column, tile.row) for tile in grid({}, DAY).tiles}
    assert places == {"丙区": (1, 0), "乙区": (0, 1)}
