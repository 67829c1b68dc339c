"""The exchange API: consumers pull their views, prove them, and answer for them.

Its routes stand under `PREFIX`, where `hub.web.server` mounts it; each `exchange_<noun>` has those of
one noun. Nothing about a request is written to a log but the row in `exchange_log`: keys and records
don't belong there.
"""

from __future__ import annotations

from importlib.resources import files

from flask import Flask, Response
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from hub.exchange.arrivals import Arrivals
from hub.exchange.logbook import Logbook
from hub.site import Site
from hub.web.exchange_access import add_access
from hub.web.exchange_answers import add_answers
from hub.web.exchange_complaints import add_complaints
from hub.web.exchange_datasets import add_datasets
from hub.web.exchange_desk import Desk
from hub.web.exchange_entries import add_entries
from hub.web.exchange_grants import add_grants
from hub.web.exchange_notices import add_notices
from hub.web.exchange_proofs import add_checkpoint, add_keys, add_proofs
from hub.web.exchange_receipts import add_receipts
from hub.web.exchange_segments import add_segments, add_snapshots
from hub.web.exchange_transfers import add_transfers

PREFIX = "/exchange"
LARGEST_BODY = 2**20  # bytes of what a consumer sends: receipts, confirmations, applications


def create_exchange(
    site: Site, engine: Engine, catalogue: Catalogue, arrivals: Arrivals | None = None
) -> Flask:
    """The application, to be mounted at `PREFIX`. `arrivals` is given by who ends it with the server.

    Raises Misdeclared (offload_unknown).
    """
    app = Flask("hub.web.exchange", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    arrivals = arrivals or Arrivals(engine)
    desk = Desk(site, engine, catalogue, arrivals, Logbook(engine), site.offload)
    add_access(app, site.keys)
    _add_description(app)
    for add in (
        add_datasets,
        add_entries,
        add_segments,
        add_snapshots,
        add_checkpoint,
        add_proofs,
        add_keys,
        add_notices,
        add_receipts,
        add_grants,
        add_transfers,
        add_complaints,
    ):
        add(app, desk)
    add_answers(app, PREFIX)
    return app


def _add_description(app: Flask) -> None:
    @app.get("/v1/openapi.json")
    def openapi() -> Response:
        text = files("hub.web").joinpath("openapi.json").read_bytes()
        return Response(text, mimetype="application/json")
