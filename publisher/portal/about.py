"""What is published here and how; and what programs ask a site for."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template

from publisher.portal.pages import library, pages


@pages.get("/about")
def about() -> str:
    """What is published here, how an error is corrected, and how programs read it."""
    return render_template("about.html")


@pages.get("/verification")
def verification() -> str:
    """How a reader checks files, releases and records."""
    return render_template("verification.html")


@pages.get("/accessibility")
def accessibility() -> str:
    """For whom the portal is built, and whom to tell where it fails."""
    return render_template("accessibility.html")


@pages.get("/robots.txt")
def robots() -> Response:
    """Everything may be read; search results would only repeat it, and filings are their party's."""
    lines = ("User-agent: *", "Disallow: /search", "Disallow: /filings/")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@pages.get("/healthz")
def health() -> dict[str, Any]:
    """For the operator's monitoring: how many datasets can be read, and which wait for a release."""
    return {"datasets": len(library().datasets()), "updating": list(library().updating())}
