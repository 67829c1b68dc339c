"""Questions to the CKAN-compatible API of a portal, in tests."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

PENALTY = "administrative_penalty"


def ask(client: FlaskClient, name: str, /, **told: Any) -> Any:
    """The result of an action that succeeds, asked by POST."""
    answer = client.post(f"/api/3/action/{name}", json=told)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json["result"]  # type: ignore[index]


def refused(client: FlaskClient, name: str, status: int, /, **told: Any) -> Any:
    """The error of an action that fails with this status."""
    answer = client.post(f"/api/3/action/{name}", json=told)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json["error"]  # type: ignore[index]


def table_of(client: FlaskClient, dataset: str = PENALTY) -> str:
    """The id of the resource of a dataset that the datastore has."""
    package = ask(client, "package_show", id=dataset)
    (found,) = (one["id"] for one in package["resources"] if one["datastore_active"])
    return str(found)
