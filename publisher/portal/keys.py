"""The public keys with which releases are signed, and the newest manifests: what to compare with."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, send_file

from publisher.disk import sha256
from publisher.known_keys import KEYS, read_known_keys
from publisher.manifest import MANIFEST
from publisher.portal.pages import library, titles

keys = Blueprint("keys", __name__)


@keys.get("/keys")
def page() -> str:
    """The keys for people, and the digest of each dataset's newest manifest."""
    newest = library().datasets()
    return render_template(
        "keys.html",
        keys=read_known_keys(library().releases)[::-1],
        newest=[(one, sha256(one.path / MANIFEST)) for one in newest],
        titles=titles(),
    )


@keys.get("/keys.json")
def listed() -> Response:
    """keys.json as the verifier reads it; 404 where no release was ever signed."""
    path = library().releases / KEYS
    if not path.is_file():
        abort(404)
    response = send_file(path, mimetype="application/json", conditional=True)
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
