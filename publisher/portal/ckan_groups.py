"""Actions of CKAN's API about departments, groups, tags, licences and the site."""

from __future__ import annotations

from typing import Any

from publisher.ckan_view.failures import Invalid, Missing
from publisher.ckan_view.licences import licence_list
from publisher.ckan_view.parameters import Parameters
from publisher.ckan_view.shelf import Book
from publisher.portal.ckan_desk import Desk

VERSION = "2.11"  # of CKAN, whose answers these are like
_SORTED = ("name", "title", "package_count", "packages")
_MOST = 1_000


def status_show(desk: Desk) -> dict[str, Any]:
    """What this site is."""
    words = desk.shelf.site.words
    return {
        "ckan_version": VERSION,
        "site_url": desk.shelf.site.address,
        "site_description": words.title_en,
        "site_title": words.title_zh,
        "error_emails_to": "",
        "locale_default": "zh_Hans_CN",
        "extensions": ["datastore"],
    }


def site_read(_desk: Desk) -> bool:
    """Whether the site may be read: yes."""
    return True


def organization_list(desk: Desk) -> list[Any]:
    """The departments. Parameters: all_fields, organizations, q, sort, limit, offset."""
    asked = desk.asked
    found = [organisation(desk, name) for name in desk.shelf.organisations]
    if wanted := asked.names_in("organizations"):
        found = [one for one in found if one["name"] in wanted]
    if words := asked.string("q"):
        found = [one for one in found if words in one["name"] or words in one["title"]]
    _sort(found, asked.string("sort") or asked.string("order_by") or "title asc")
    offset = asked.number("offset", 0)
    found = found[offset : offset + (asked.number("limit", 0, _MOST) or _MOST)]
    if asked.flag("all_fields"):
        return found
    return [one["name"] for one in found]


def organization_show(desk: Desk) -> dict[str, Any]:
    """One department. Parameters: id (id or name), include_datasets."""
    wanted = desk.asked.needed("id")
    for name, (facts, books) in desk.shelf.organisations.items():
        if wanted in (name, facts["id"]):
            told = organisation(desk, name)
            told |= {"users": [], "extras": [], "tags": [], "groups": []}
            return told | _datasets(desk.asked, books)
    raise Missing


def organisation(desk: Desk, name: str) -> dict[str, Any]:
    """A department with the number of its datasets."""
    facts, books = desk.shelf.organisations[name]
    return {
        **facts,
        "display_name": facts["title"],
        "image_display_url": "",
        "num_followers": 0,
        "package_count": len(books),
    }


def _datasets(asked: Parameters, books: list[Book]) -> dict[str, Any]:
    if not asked.flag("include_datasets"):
        return {}
    return {"packages": [book.written for book in books]}


def _sort(found: list[dict[str, Any]], written: str) -> None:
    name, _, way = written.strip().partition(" ")
    if name not in _SORTED:
        raise Invalid({"message": f"Cannot sort by field `{name}`"})
    name = "package_count" if name == "packages" else name
    down = way.strip() == "desc" or (not way and name == "package_count")
    found.sort(key=lambda one: one[name], reverse=down)


def group_list(_desk: Desk) -> list[Any]:
    """The groups: there are none."""
    return []


def group_show(desk: Desk) -> dict[str, Any]:
    """One group: there is none. Parameters: id."""
    desk.asked.needed("id")
    raise Missing


def tag_list(desk: Desk) -> list[Any]:
    """The tags. Parameters: query, all_fields."""
    query = desk.asked.string("query") or desk.asked.string("q")
    found = [tag for name, tag in desk.shelf.tags.items() if query.lower() in name.lower()]
    if desk.asked.flag("all_fields"):
        return [_tag(tag) for tag in found]
    return [tag["name"] for tag in found]


def tag_show(desk: Desk) -> dict[str, Any]:
    """One tag. Parameters: id (id or name), include_datasets."""
    wanted = desk.asked.needed("id")
    for name, tag in desk.shelf.tags.items():
        if wanted in (name, tag["id"]):
            own = [book for book in desk.shelf.books if tag in book.package["tags"]]
            return _tag(tag) | _datasets(desk.asked, own)
    raise Missing


def _tag(tag: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tag.items() if key != "state"}


def license_list(desk: Desk) -> list[dict[str, Any]]:
    """The licences that a dataset may have."""
    return licence_list(desk.shelf.site.words)


def vocabulary_list(_desk: Desk) -> list[Any]:
    """The vocabularies of tags: there are none."""
    return []
