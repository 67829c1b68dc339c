"""A data standard: one dataset's versioned definition, loaded from its folder.

A folder `standards/<department>/<dataset>/` holds `standard.yml` (the dataset: owner, key, cycle,
publication) and one `v<N>.schema.json` per version (the record: a JSON Schema 2020-12 of one flat
object, with `x-` keywords for what exchange needs). Shared blocks of fields stand once in
`standards/blocks/` and are referenced with `{"allOf": [{"$ref": "block:subject"}]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
from polars.datatypes import DataType, DataTypeClass

TIERS = ("public", "industry", "government", "sealed")  # 社会公开 · 行业内 · 政府内部 · 不予共享
AUDIENCES = TIERS[:3]  # nobody's view has a sealed field
#: The department that answers for the records: what the government sees, and no mask.
DEPARTMENT = "department"

#: The rules that a field's `x-mask` may name; `publisher.masks` applies them.
MASK_RULES = (
    "person_name", "id_number", "phone", "division_only", "account", "account_tail", "removed",
    "free_text",
)  # fmt: skip

#: What `x-shows` may name: facts of a business, which registers publish (企业信息公示暂行条例
#: arts. 6, 9). A person's numbers are never among them.
SHOWN_KINDS = ("home_address", "email", "mobile", "landline")

Dtype = DataType | DataTypeClass


@dataclass(frozen=True, slots=True)
class Mask:
    """How a value is shortened for some audiences: `x-mask` of a field, or one of several there.

    `rule` names a function of `publisher.masks`; `when` limits it to records where a field has one
    of some values, e.g. {"subject_type": ["natural"]}. Of several masks the first that applies counts.
    """

    rule: str
    audiences: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    `kind` is string, integer, boolean, decimal (a string of digits), date (YYYY-MM-DD),
    datetime (with +08:00) or list (of strings). `code` is the official name in department files
    (CF_XDR_MC …), `expected` asks for a value without rejecting its absence. `sources` are ids of
    `references.csv`: where the field and its rule come from. `shows` are the kinds of private data
    that the field is for, so that it may be public with them, e.g. the address of a business.
    """

    name: str
    title: str
    title_en: str
    kind: str
    tier: str
    required: bool
    expected: bool
    schema: Mapping[str, Any]
    masks: tuple[Mask, ...] = ()
    shows: tuple[str, ...] = ()
    code: str | None = None
    codelist: str | None = None
    note: str | None = None
    sources: tuple[str, ...] = ()

    @property
    def dtype(self) -> Dtype:
        """The Polars type of the field's normalised column."""
        kinds: dict[str, Dtype] = {
            "integer": pl.Int64,
            "boolean": pl.Boolean,
            "list": pl.List(pl.String),
        }
        return kinds.get(self.kind, pl.String)

    def visible_to(self, audience: str) -> bool:
        """Whether the audience's view has this field (masked or not)."""
        least = "government" if audience == DEPARTMENT else audience
        return self.tier != "sealed" and TIERS.index(self.tier) <= TIERS.index(least)

    def masked_for(self, audience: str) -> bool:
        """Whether the audience may see less than the value, of some record at least."""
        return any(audience in mask.audiences for mask in self.masks)


@dataclass(frozen=True, slots=True)
class Derivation:
    """This dataset's records are the rows of another, where `where` holds, renamed by `fields`.

    `fields` maps a field here to a field there, or to {"value": constant}.
    """

    dataset: str
    where: Mapping[str, str]
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Roles:
    """Which fields the portal uses to show, find, filter and count records; each may be None.

    `parties` are further fields with names by which it is found, e.g. a sampled shop. `county` is a
    field of division codes; `department`, `kind` and `product` may be lists.
    """

    name: str | None = None
    code: str | None = None
    document: str | None = None
    date: str | None = None
    department: str | None = None
    county: str | None = None
    kind: str | None = None
    product: str | None = None
    batch: str | None = None
    parties: tuple[str, ...] = ()

    def fields(self) -> set[str]:
        """All fields that have a role."""
        told = (getattr(self, role) for role in self.__dataclass_fields__ if role != "parties")
        return {name for name in told if name} | set(self.parties)


@dataclass(frozen=True, slots=True)
class Review:
    """What the review of a dataset's disclosures takes, besides two people.

    With `examined` the reviewer states that the view was examined for secrets and for personal
    data; with `by_owner` the approver acts for the dataset's owner, whoever supplied the record.
    """

    examined: bool = False
    by_owner: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """A department's part in a dataset, on the days from `valid_from` to `valid_to` (both included).

    `role`: owner (accountable, one at a time), co_owner, supplier (delivers records), maintainer
    (keeps the system running). None: since or until no day that is known.
    """

    department: str
    title: str
    title_en: str
    role: str
    valid_from: date | None = None
    valid_to: date | None = None

    def valid_on(self, day: date) -> bool:
        """Whether the department has this part on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Standard:
    """One version of one dataset's definition.

    `key` is a tuple of parts, each a tuple of alternative fields: the first non-empty one counts.
    `schema` is the resolved JSON Schema (blocks merged, no `$ref` left).
    `public` says whether records may be disclosed to the public at all, `public_when` which of them:
    those whose fields have one of the values; `industry_when` says the same for the industry, which
    sees what may be public where nothing is said. `as_of` are the fields that give the record's date, the
    first that isn't empty: codes must be valid on that day. `checks` are the rules beyond the schema,
    see `consistency`. `version_days` says from when until when each version may be supplied and
    asked for. `association` is the field with the credit code of the industry organisation whose the
    record is; None: nobody's. `share_condition` and `publication` are texts in zh and en.
    """

    dataset: str
    version: str
    title: str
    title_en: str
    description: str
    description_en: str
    department: str
    owner: str
    owner_en: str
    cycle: str
    share_type: str
    legal_basis: tuple[str, ...]
    public: bool
    disclaimer: str | None
    key: tuple[tuple[str, ...], ...]
    roles: Roles
    fields: Mapping[str, Field]
    schema: Mapping[str, Any]
    versions: tuple[str, ...]
    derivation: Derivation | None = None
    owners: tuple[Owner, ...] = ()
    resource_code: str = ""
    share_condition: Mapping[str, str] = field(default_factory=dict)
    publication: Mapping[str, str] = field(default_factory=dict)
    public_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    industry_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    as_of: tuple[str, ...] = ()
    checks: tuple[Mapping[str, Any], ...] = ()
    version_days: Mapping[str, tuple[date | None, date | None]] = field(default_factory=dict)
    review: Review = Review()
    association: str | None = None

    @property
    def dtypes(self) -> dict[str, Dtype]:
        """Column name → Polars type of a normalised batch, in the order of the standard."""
        return {name: field.dtype for name, field in self.fields.items()}

    def fields_for(self, audience: str) -> dict[str, Field]:
        """The fields that an audience's view has, in the order of the standard."""
        return {n: f for n, f in self.fields.items() if f.visible_to(audience)}
