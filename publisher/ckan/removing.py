"""A dataset taken out of a CKAN: its table, the bytes of its files, and itself."""

from __future__ import annotations

from typing import Any

from exchange_schemas.errors import TargetUnavailable
from exchange_schemas.issue import Issue
from publisher.ckan.client import Client
from publisher.ckan.failures import Absent, Denied
from publisher.ckan.package import Package


def remove_package(client: Client, dataset: str) -> dict[str, Any]:
    """Hide it, delete everything in it, then the dataset itself; read back that it is gone.

    Returns {removed: resources, purged}: a system administrator's token purges it, any other leaves
    an empty, deleted dataset. Raises TargetUnavailable (ckan_still_there).
    """
    package = Package(client, client.target.package(dataset))
    if not package.find():
        return {"removed": 0, "purged": False}
    if not package.hidden:
        package.patch(private=True)
    resources = list(package.resources())
    for resource in resources:
        package.remove(resource)
    name = package.shown["id"]
    client.call("package_delete", id=name)
    purged = _purge(client, name)
    if package.find():
        words = {"dataset": dataset, "what": str(len(resources)), "place": package.name}
        raise TargetUnavailable(Issue("ckan_still_there", params=words))
    return {"removed": len(resources), "purged": purged}


def _purge(client: Client, name: str) -> bool:
    try:
        client.call("dataset_purge", id=name)
    except (Absent, Denied):
        return False
    return True
