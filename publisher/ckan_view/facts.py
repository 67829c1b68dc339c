"""What a package is found, sorted and counted by: the fields of CKAN's search index."""

from __future__ import annotations

from typing import Any

from publisher.ckan_view.query_tests import ALL, TEXTS, Facts, folded

_PLAIN = (
    "id", "name", "title", "notes", "author", "maintainer", "license_id", "version", "state", "url",
    "metadata_created", "metadata_modified", "owner_org", "num_resources", "num_tags",
)  # fmt: skip
#: The fields that each package may have, whatever it has.
KNOWN = frozenset((
    *_PLAIN, ALL, "organization", "groups", "tags", "res_format", "res_name", "res_description",
    "res_url", "res_type", "type", "dataset_type", "entity_type", "capacity", "site_id", "isopen",
    "title_string", "private", "author_email", "maintainer_email", "extras",
))  # fmt: skip


def facts_of(package: dict[str, Any]) -> Facts:
    """field → values, of texts folded."""
    resources, extras = package["resources"], package["extras"]
    told: dict[str, list[str]] = {name: [str(package[name] or "")] for name in _PLAIN}
    told |= {
        "organization": [package["organization"]["name"]],
        "groups": [group["name"] for group in package["groups"]],
        "tags": [tag["name"] for tag in package["tags"]],
        "res_format": list(dict.fromkeys(one["format"] for one in resources)),
        "res_name": [one["name"] for one in resources],
        "res_description": [one["description"] for one in resources],
        "res_url": [one["url"] for one in resources],
        "type": [package["type"]],
        "dataset_type": [package["type"]],
        "entity_type": ["package"],
        "capacity": ["public"],
        "private": ["false"],
        "isopen": [str(package["isopen"]).lower()],
        "title_string": [package["title"]],
        **{f"extras_{extra['key']}": [extra["value"]] for extra in extras},
    }
    told["metadata_created"], told["metadata_modified"] = (
        [f"{package[name]}Z"] for name in ("metadata_created", "metadata_modified")
    )
    whole = [told[n] for n in ("name", "title", "notes", "author", "tags", "res_name")]
    whole += [[package["organization"]["title"]], [extra["value"] for extra in extras]]
    told[ALL] = ["\n".join(value for values in whole for value in values)]
    return {n: [folded(v) for v in vs] if n in TEXTS else vs for n, vs in told.items()}
