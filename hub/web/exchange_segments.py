"""Sealed segments and snapshots: their lists, and the files.

A file is looked up by numbers in the view's own rows, and its place is made of what the row says: no
part of a request ever becomes a path. What another view has, what an erasure has replaced and what
never was are answered alike.
"""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Flask, Response, request

from exchange_schemas.issue import Issue
from hub.database import look
from hub.exchange.segments import COLUMNS, LINES, Segment, extent, folder_of, segments_of
from hub.exchange.snapshots import Snapshot, snapshots_of
from hub.exchange.views import View
from hub.site import Site
from hub.web.exchange_desk import Access, Desk
from hub.web.exchange_files import Shown, is_known, not_modified, send
from hub.web.parameters import (
    read_after,
    read_no_parameters,
    segment_named,
    snapshot_named,
)
from hub.web.problem import Problem

TYPES = {LINES: "application/zstd", COLUMNS: "application/vnd.apache.parquet"}


def add_segments(app: Flask, desk: Desk) -> None:
    """GET /v1/datasets/D/segments and …/segments/<first>-<last>.<edition>.ndjson.zst|.parquet."""

    @app.get("/v1/datasets/<dataset>/segments")
    def segments(dataset: str) -> Response:
        view = desk.open(dataset).view
        after = read_after(request.args)
        with look(desk.engine) as connection:
            size, sealed = extent(connection, view)
            found = segments_of(connection, view, after + 1)
        told = {
            "dataset": dataset,
            "view": view.name,
            "size": size,
            "sealed": sealed,
            "segment_entries": view.segment_entries,
            "segments": [_described(one) for one in found],
        }
        return Response(orjson.dumps(told), mimetype="application/json")

    @app.get("/v1/datasets/<dataset>/segments/<name>")
    def segment(dataset: str, name: str) -> Response:
        access = desk.open(dataset)
        read_no_parameters(request.args)
        found = _segment(desk, access.view, name)
        if found is None:
            raise _unknown(dataset, name)
        one, file = found
        return _handed_over(desk, access, "segment", file, one.first - 1, one.last)


def add_snapshots(app: Flask, desk: Desk) -> None:
    """GET /v1/datasets/D/snapshots and …/snapshots/<seq>.ndjson.zst."""

    @app.get("/v1/datasets/<dataset>/snapshots")
    def snapshots(dataset: str) -> Response:
        view = desk.open(dataset).view
        read_no_parameters(request.args)
        with look(desk.engine) as connection:
            found = snapshots_of(connection, view)
        told = {"dataset": dataset, "view": view.name, "snapshots": [_told(one) for one in found]}
        return Response(orjson.dumps(told), mimetype="application/json")

    @app.get("/v1/datasets/<dataset>/snapshots/<name>")
    def snapshot(dataset: str, name: str) -> Response:
        access = desk.open(dataset)
        read_no_parameters(request.args)
        with look(desk.engine) as connection:
            seq = snapshot_named(name)
            found = [one for one in snapshots_of(connection, access.view) if one.seq == seq]
        if not found:
            raise _unknown(dataset, name)
        place = _place(desk.site, access.view, found[0].file)
        root = desk.site.exchange
        file = Shown(root, place, name, found[0].sha256, found[0].size, TYPES[LINES])
        return _handed_over(desk, access, "snapshot", file, 0, found[0].seq)


def _segment(desk: Desk, view: View, name: str) -> tuple[Segment, Shown] | None:
    asked = segment_named(name)
    if asked is None:
        return None
    first, last, edition, kind = asked
    with look(desk.engine) as connection:
        found = segments_of(connection, view, first, first)
    if not found or (found[0].first, found[0].last, found[0].edition) != (first, last, edition):
        return None
    one, root = found[0], desk.site.exchange
    if kind == LINES:
        place = _place(desk.site, view, one.lines_file)
        return one, Shown(root, place, name, one.ndjson_sha256, one.ndjson_size, TYPES[kind])
    place = _place(desk.site, view, one.columns_file)
    return one, Shown(root, place, name, one.parquet_sha256, one.parquet_size, TYPES[kind])


def _handed_over(
    desk: Desk, access: Access, kind: str, file: Shown, after: int, last: int
) -> Response:
    """The file, with a row in the log; without one where only its description is asked for."""
    if is_known(file):
        return not_modified(file)
    try:
        response = send(file, desk.offload)
    except FileNotFoundError:  # an erasure has put another edition in its place just now
        raise _unknown(access.view.dataset, file.name) from None
    if request.method == "GET":
        try:
            desk.log(access, kind, after, last, last - after)
        except BaseException:
            response.close()
            raise
    return response


def _described(one: Segment) -> dict[str, object]:
    name = f"{one.first}-{one.last}.{one.edition}"
    return {
        "first": one.first,
        "last": one.last,
        "edition": one.edition,
        "root": one.root.hex(),
        "erased": one.erased,
        "sealed_at": one.sealed_at,
        "ndjson": _file(f"{name}.{LINES}", one.ndjson_sha256, one.ndjson_size),
        "parquet": _file(f"{name}.{COLUMNS}", one.parquet_sha256, one.parquet_size),
    }


def _told(one: Snapshot) -> dict[str, object]:
    return {
        "seq": one.seq,
        "records": one.records,
        "made_at": one.made_at,
        "checkpoint": one.note,
        "signature": one.signature,
        "ndjson": _file(f"{one.seq}.{LINES}", one.sha256, one.size),
    }


def _file(name: str, sha256: str, size: int) -> dict[str, object]:
    return {"name": name, "sha256": sha256, "size": size}


def _place(site: Site, view: View, name: str) -> str:
    return (folder_of(site, view) / name).relative_to(site.exchange).as_posix()


def _unknown(dataset: str, name: str) -> Problem:
    words = {"dataset": dataset}
    return Problem(HTTPStatus.NOT_FOUND, Issue("file_unknown", value=name[:64], params=words))
