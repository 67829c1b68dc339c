"""Proofs over a stream, and its tiles (C2SP tlog-tiles, see `hub.tree.tiles`)."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.exchange.tables import exchange_view
from hub.exchange.tree_rows import TreeRows
from hub.exchange.views import View
from hub.site import Site
from hub.tree.frontier import Frontier
from hub.tree.proofs import Node, consistency_path, inclusion_path, root_of
from hub.tree.tiles import WIDTH, Tile, TileNodes, count_at


def inclusion(site: Site, connection: Connection, view: View, seq: int, size: int) -> list[bytes]:
    """What proves that entry `seq` is in the tree of the first `size` entries, the lowest node first.

    Raises Misdeclared (proof_impossible) where the stream hasn't `size` entries, or these not `seq`;
    Corrupt (stream_wrong).
    """
    if not 1 <= seq <= size:
        raise _impossible(view, str(seq), str(size))
    return inclusion_path(seq - 1, size, _nodes(site, connection, view, size))


def consistency(site: Site, connection: Connection, view: View, old: int, new: int) -> list[bytes]:
    """What proves that the first `old` entries are the beginning of the first `new`.

    Raises Misdeclared (proof_impossible), Corrupt (stream_wrong).
    """
    if not 0 <= old <= new:
        raise _impossible(view, str(old), str(new))
    return consistency_path(old, new, _nodes(site, connection, view, new))


def root_at(site: Site, connection: Connection, view: View, size: int) -> bytes:
    """The root of the first `size` entries. Raises Misdeclared (proof_impossible), Corrupt."""
    return root_of(size, _nodes(site, connection, view, size))


def tile(site: Site, connection: Connection, view: View, asked: Tile) -> bytes:
    """The hashes of a tile, 32 · width bytes.

    Raises Misdeclared (tile_unknown) where the stream isn't large enough for it, Corrupt.
    """
    first = asked.index * WIDTH
    rows = TreeRows(site, connection, view)
    if first + asked.width > count_at(asked.level, rows.size):
        words = {"dataset": view.dataset, "view": view.name}
        raise Misdeclared(Issue("tile_unknown", value=asked.path, params=words))
    return rows.row(asked.level, first, asked.width).tobytes()


def _impossible(view: View, value: str, size: str) -> Misdeclared:
    words = {"dataset": view.dataset, "view": view.name, "size": size}
    return Misdeclared(Issue("proof_impossible", value=value, params=words))


def _nodes(site: Site, connection: Connection, view: View, size: int) -> Node:
    """The nodes of the tree of `size`. Those over the open tail stand in the stream's own row."""
    query = select(exchange_view.c.size, exchange_view.c.frontier)
    row = connection.execute(query.where(exchange_view.c.id == view.id)).one()
    if size > row.size:
        raise _impossible(view, str(size), str(row.size))
    told = json.loads(row.frontier) if row.frontier else {"size": 0, "nodes": []}
    known = Frontier.from_json(told).placed()
    rows = TreeRows(site, connection, view)

    def read(one: Tile) -> bytes:
        return rows.row(one.level, one.index * WIDTH, one.width).tobytes()

    nodes = TileNodes(size, read)

    def node(level: int, index: int) -> bytes:
        return known.get((level, index)) or nodes(level, index)

    return node
