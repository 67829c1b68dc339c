"""What proves a stream: checkpoints, tiles, proofs of inclusion and consistency, and the keys."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus

import orjson
from flask import Flask, Response, request

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.exchange import checkpoints, proofs
from hub.exchange.catching_up import catch_up
from hub.tree.tiles import tile_at
from hub.web.exchange_desk import Desk
from hub.web.exchange_files import KEPT
from hub.web.parameters import read_no_parameters, read_numbers
from hub.web.problem import Problem
from publisher.known_keys import FORMAT, read_known_keys

JSON, BYTES, TEXT = "application/json", "application/octet-stream", "text/plain"


def add_checkpoint(app: Flask, desk: Desk) -> None:
    """GET /v1/datasets/D/checkpoint and …/tile/<level>/<index>."""

    @app.get("/v1/datasets/<dataset>/checkpoint")
    def checkpoint(dataset: str) -> Response:
        view = desk.open(dataset).view
        size = read_numbers(request.args, (), ("size",))["size"]
        if size is None:
            catch_up(desk.site, desk.engine, desk.catalogue, view, 0)
        try:
            note = checkpoints.checkpoint(desk.site, desk.engine, view, size)
        except Misdeclared as error:
            raise Problem(HTTPStatus.NOT_FOUND, error.issue) from error
        return Response(note, mimetype=TEXT)

    @app.get("/v1/datasets/<dataset>/tile/<path:path>")
    def tile(dataset: str, path: str) -> Response:
        view = desk.open(dataset).view
        read_no_parameters(request.args)
        try:
            asked = tile_at(f"tile/{path}")
            with desk.engine.connect() as connection:
                hashes = proofs.tile(desk.site, connection, view, asked)
        except ValueError as error:
            words = {"dataset": dataset, "view": view.name}
            issue = Issue("tile_unknown", value=path[:64], params=words)
            raise Problem(HTTPStatus.NOT_FOUND, issue) from error
        except Misdeclared as error:
            raise Problem(HTTPStatus.NOT_FOUND, error.issue) from error
        response = Response(hashes, mimetype=BYTES)
        response.headers["Cache-Control"] = KEPT  # a tile of this name never changes
        return response


def add_proofs(app: Flask, desk: Desk) -> None:
    """GET /v1/datasets/D/proof/inclusion?seq=&size= and …/proof/consistency?from=&to=."""

    @app.get("/v1/datasets/<dataset>/proof/inclusion")
    def inclusion(dataset: str) -> Response:
        view = desk.open(dataset).view
        seq, size = read_numbers(request.args, ("seq", "size")).values()
        try:
            with desk.engine.connect() as connection:
                path = proofs.inclusion(desk.site, connection, view, seq or 0, size or 0)
        except Misdeclared as error:
            raise Problem(HTTPStatus.NOT_FOUND, error.issue) from error
        return _proof({"dataset": dataset, "view": view.name, "seq": seq, "size": size}, path)

    @app.get("/v1/datasets/<dataset>/proof/consistency")
    def consistency(dataset: str) -> Response:
        view = desk.open(dataset).view
        old, new = read_numbers(request.args, ("from", "to")).values()
        try:
            with desk.engine.connect() as connection:
                path = proofs.consistency(desk.site, connection, view, old or 0, new or 0)
        except Misdeclared as error:
            raise Problem(HTTPStatus.NOT_FOUND, error.issue) from error
        return _proof({"dataset": dataset, "view": view.name, "from": old, "to": new}, path)


def _proof(told: dict[str, object], path: list[bytes]) -> Response:
    hashes = [one.hex() for one in path]
    return Response(orjson.dumps({**told, "hashes": hashes}), mimetype=JSON)


def add_keys(app: Flask, desk: Desk) -> None:
    """GET /v1/keys: the public keys of the hub, which anybody may have."""

    @app.get("/v1/keys")
    def keys() -> Response:
        known = [asdict(key) for key in read_known_keys(desk.site.releases)]
        return Response(orjson.dumps({"format": FORMAT, "keys": known}), mimetype=JSON)
