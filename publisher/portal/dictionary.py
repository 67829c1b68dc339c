"""The data dictionary's pages as they were written into a folder; none until they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, send_from_directory

dictionary = Blueprint("dictionary", __name__)

INDEX = "index.html"

# Like every page's, and one script of this server, which filters the list of datasets.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _folder() -> Path | None:
    """Looked up each time: the pages may be written while the portal runs."""
    folder: Path | None = current_app.config["DICTIONARY"]
    return folder if folder and (folder / INDEX).is_file() else None


def has_dictionary() -> dict[str, Any]:
    """Whether a page may link to the dictionary."""
    return {"has_dictionary": _folder() is not None}


@dictionary.get("/standards/", defaults={"name": INDEX})
@dictionary.get("/standards/<path:name>")
def page(name: str) -> Response:
    """A file of the dictionary; 404 for what isn't one, or lies outside of its folder."""
    folder = _folder()
    if folder is None or any(part.startswith(".") for part in name.split("/")):
        abort(404)
    response = send_from_directory(folder, name, conditional=True)
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = _POLICY
    return response
