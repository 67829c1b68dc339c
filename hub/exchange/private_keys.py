"""Whether a dataset's keys may tell what a view keeps back: then they are pseudonyms."""

from __future__ import annotations

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.standard import Standard


def keys_are_private(
    catalogue: Catalogue, name: str, audience: str, fields: tuple[str, ...] | None = None
) -> bool:
    """Whether the dataset's keys may tell what is kept from the view: of its audience
    (`key_is_private`), or because a part of the key isn't among the granted `fields`.

    A public record's key is its random id, which tells nothing.
    """
    if audience == "public":
        return False
    if key_is_private(catalogue, name, audience):
        return True
    standards = [catalogue.get(name, version) for version in catalogue.get(name).versions]
    parts = {one for standard in standards for part in standard.key for one in part}
    return fields is not None and not parts <= set(fields)


def key_is_private(catalogue: Catalogue, dataset: str, audience: str) -> bool:
    """Whether the dataset's keys may tell what the audience doesn't see, or sees only masked.

    Decided for the whole dataset, in all versions of its standard, not record by record: a
    delete has no record to look at, and a record's key must stay the same when its content
    changes.
    """
    current = catalogue.get(dataset)
    # The deletes that stand for records that it may not have would tell which there are.
    open_to_all = current.public and not current.public_when
    anothers = current.association is not None and not open_to_all
    if audience == "industry" and (anothers or current.industry_when):
        return True
    standards = [catalogue.get(dataset, version) for version in current.versions]
    return any(_hides(s, name, audience) for s in standards for part in s.key for name in part)


def _hides(standard: Standard, name: str, audience: str) -> bool:
    field = standard.fields.get(name)
    if field is None:
        return False
    return field.masked_for(audience) or not field.visible_to(audience)
