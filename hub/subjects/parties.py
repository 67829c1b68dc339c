"""Which fields of a dataset say whom a record is about, and the mentions of subjects that records have.

State organs that decide, deliver or publish are no subjects of supervision, and what is sealed is read by
nobody, so neither is a party. Persons of a case or a black list of persons are none either: what links them
to enterprises is the enterprise's code (personal information protection law, article 6: no more than the
purpose needs).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl
import polars_hash  # noqa: F401  # registers .nchash

from exchange_schemas.standard import Dtype, Standard


@dataclass(frozen=True, slots=True)
class Party:
    """Fields with name, codes and facts of one party; "" where there is none. `by_name`: a record without
    a code may be matched by the name."""

    name: str
    code: str
    reg_no: str = ""
    org_code: str = ""
    kind: str = ""
    address: str = ""
    by_name: bool = True


#: What a mention of a subject is; `place` is a hash of dataset and key, `kind` a code of subject_types.
MENTION: dict[str, Dtype] = {
    "dataset": pl.String, "key": pl.String, "part": pl.String, "place": pl.UInt64, "name": pl.String,
    "uscc": pl.String, "reg_no": pl.String, "org_code": pl.String, "kind": pl.String, "rep": pl.String,
    "division": pl.String, "address": pl.String, "state": pl.String, "date": pl.String,
    "former": pl.List(pl.String), "by_name": pl.Boolean,
}  # fmt: skip
REGISTER = "market_entity"
#: Datasets whose owner registers the subject: what they say of a name or a state counts before others.
REGISTERS = (REGISTER, "industry_association", "finance_institution")
_SAMPLED = (
    Party("nominal_producer", "nominal_producer_uscc", address="nominal_producer_address"),
    Party("sampled_unit", "sampled_unit_uscc", address="sampled_unit_address"),
)
#: The first party of a dataset is whose its records are; others are named in them.
OTHERS: Mapping[str, tuple[Party, ...]] = {
    "industry_association": (Party("name", "uscc", address="domicile"),),
    # its org_code is the central bank's own, of 14 characters
    "finance_institution": (Party("name", "uscc", address="address"),),
    "food_sampling_result": _SAMPLED,
    "product_sampling_result": _SAMPLED,
    "unqualified_product": _SAMPLED,
    "quality_risk_signal": (Party("producer", "producer_uscc"), Party("seller", "seller_uscc")),
    "drug_supervision": (Party("holder_name", "holder_uscc", address="holder_address"),),
    "typical_case": (Party("party_name", "party_uscc", kind="party_type"),),
    "complaint_report": (
        Party("respondent_name", "respondent_uscc", "respondent_reg_no", kind="respondent_type",
              address="respondent_address"),
    ),
    "food_trace_ledger": (
        Party("operator_name", "operator_uscc"),
        Party("counterparty_name", "counterparty_uscc"),
    ),
    "member_credit_record": (Party("member_name", "member_uscc"),),
    "pyramid_selling_case": (Party("org_name", "org_uscc"),),
    # shareholders without a code are persons for the most part
    "annual_report_shareholder": (Party("shareholder_name", "shareholder_uscc", by_name=False),),
    "annual_report_investment": (Party("investee_name", "investee_uscc", "investee_reg_no"),),
    "legal_rep_blacklist": (
        Party("source_entity_name", "source_entity_uscc", "source_entity_reg_no"),
    ),
    "local_finance_monitor": (Party("org_name", "org_uscc"),),
}  # fmt: skip
#: Only the parties of a case may learn of it: nothing that is known of a subject is taken from these.
UNTOLD = frozenset({"case_transfer"})
#: Computed from subjects themselves.
COMPUTED = frozenset({"market_subject", "credit_class", "credit_warning"})
_ADDRESSES = ("domicile", "business_site", "contact_address", "address")


def parties_of(standard: Standard) -> tuple[Party, ...]:
    """The parties of a dataset's records, the first one whose they are; none where it names nobody."""
    if standard.dataset in COMPUTED:
        return ()
    fields = standard.fields
    found: list[Party] = []
    if "subject_name" in fields and "uscc" in fields:
        address = next((name for name in _ADDRESSES if name in fields), "")
        reg_no, org_code, kind = (
            name if name in fields else "" for name in ("reg_no", "org_code", "subject_type")
        )
        found.append(Party("subject_name", "uscc", reg_no, org_code, kind, address))
    found += OTHERS.get(standard.dataset, ())
    return tuple(one for one in found if one.name in fields and not _sealed(standard, one.name))


def _sealed(standard: Standard, name: str) -> bool:
    return standard.fields[name].tier == "sealed"


def mentions(standard: Standard, rows: pl.LazyFrame) -> pl.LazyFrame:
    """`MENTION` of records as `Inputs.scan` gives them: one row for each party that is named."""
    return pl.concat([*_parts(standard, rows), pl.LazyFrame(schema=MENTION)])


def _parts(standard: Standard, rows: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    for place, party in enumerate(parties_of(standard)):
        given = {
            name: _field(standard, field)
            for name, field in (
                ("name", party.name), ("uscc", party.code), ("reg_no", party.reg_no),
                ("org_code", party.org_code), ("kind", party.kind), ("address", party.address),
                ("division", _division(standard) if place == 0 else ""),
                ("rep", "legal_rep_name" if place == 0 else ""),
                ("state", "reg_state" if standard.dataset == REGISTER else ""),
                ("date", standard.roles.date or ""),
            )
        }  # fmt: skip
        former = "former_names" if place == 0 and "former_names" in standard.fields else None
        given["former"] = pl.col(former) if former else pl.lit(None, pl.List(pl.String))
        named = rows.select(
            dataset=pl.lit(standard.dataset), key="_key", part=pl.lit(party.name),
            place=place_of(pl.lit(standard.dataset), pl.col("_key")), by_name=pl.lit(party.by_name), **given,
        )  # fmt: skip
        yield named.filter(_says_who(party)).select(list(MENTION))


def place_of(dataset: pl.Expr, key: pl.Expr) -> pl.Expr:
    """A record's hash of 64 bits, the same on every machine: rows of a record are found by it."""
    text = pl.concat_str(dataset, key, separator="\u001f")
    hashed: pl.Expr = text.nchash.xxh3_64()  # type: ignore[attr-defined]  # polars_hash adds .nchash
    return hashed


def _says_who(party: Party) -> pl.Expr:
    coded = pl.any_horizontal(pl.col("uscc", "reg_no", "org_code").is_not_null())
    return coded | pl.col("name").is_not_null() if party.by_name else coded


def _field(standard: Standard, name: str) -> pl.Expr:
    known = name in standard.fields and standard.fields[name].kind != "list"
    value = pl.col(name) if known else pl.lit(None, pl.String)
    return pl.when(value.cast(pl.String) != "").then(value.cast(pl.String))


def _division(standard: Standard) -> str:
    wanted = ("division_code", "domicile_division")
    return next((name for name in wanted if name in standard.fields), "")
