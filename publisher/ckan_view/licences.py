"""CKAN's register of licences, as far as a site of open data has use for it, and the site's own."""

from __future__ import annotations

from typing import Any

from publisher.dcat.site_words import SiteWords

_OWN = "site-terms"
_NONE = "notspecified"
# id → title, address, whether the Open Definition approves of it, and what a site may have written
_KNOWN = {
    "cc-zero": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/", "publicdomain/zero"),
    "cc-by": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/", "licenses/by/"),
    "cc-by-sa": ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/", "licenses/by-sa/"),
    "odc-pddl": ("ODC PDDL 1.0", "https://opendatacommons.org/licenses/pddl/", "licenses/pddl"),
    "odc-by": ("ODC-By 1.0", "https://opendatacommons.org/licenses/by/", "opendatacommons.org/licenses/by"),
    "odc-odbl": ("ODbL 1.0", "https://opendatacommons.org/licenses/odbl/", "licenses/odbl"),
}  # fmt: skip


def licence_id(site: SiteWords) -> str:
    """The id in the register of the terms that the site names."""
    if not (site.licence_url or site.licence_zh):
        return _NONE
    found = (name for name in reversed(_KNOWN) if _KNOWN[name][2] in site.licence_url)
    return next(found, _OWN)


def licence_list(site: SiteWords) -> list[dict[str, Any]]:
    """The register."""
    own = [_licence(_OWN, site.licence_zh, site.licence_url, "not reviewed")]
    told = own if licence_id(site) == _OWN else []
    told.append(_licence(_NONE, "License not specified", "", "not reviewed"))
    told += [_licence(name, title, url, "approved") for name, (title, url, _) in _KNOWN.items()]
    return told


def licence_facts(site: SiteWords) -> dict[str, Any]:
    """What a package says of its licence."""
    name = licence_id(site)
    found = next(one for one in licence_list(site) if one["id"] == name)
    told = {
        "license_id": name,
        "license_title": site.licence_zh or found["title"],
        "isopen": found["od_conformance"] == "approved",
    }
    address = site.licence_url or found["url"]
    return told | ({"license_url": address} if address else {})


def _licence(name: str, title: str, url: str, conformance: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": title,
        "url": url,
        "status": "active",
        "maintainer": "",
        "family": "",
        "domain_content": "False",
        "domain_data": "True",
        "domain_software": "False",
        "is_generic": str(name == _NONE),
        "od_conformance": conformance,
        "osd_conformance": "not reviewed",
    }
