"""Kinds of issue: the portal, and filing on it."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info

PORTAL_KINDS: dict[str, Kind] = {
    # --- releases ----------------------------------------------------------------------------
    "release_erased": info(
        "release {value}: its content was erased, because release {follower} took records back; "
        "what is kept of it was checked"
    ),
    # --- what the portal says of itself ------------------------------------------------------
    "portal_settings_unreadable": error(
        "{value} can't be read as settings of the portal: {reason}; correct the file"
    ),
    "portal_setting_unknown": error(
        "the portal has no setting {value}; known are: {known}; correct portal.yml or the "
        "environment"
    ),
    "portal_setting_text": error(
        "the portal's {value} isn't a text of one line and at most {expected} characters: {found}; "
        "correct portal.yml or the environment"
    ),
    "portal_setting_address": error(
        "the portal's {value} isn't an address like https://data.example.cn: {found}; correct "
        "portal.yml or the environment"
    ),
    # --- what a party writes -----------------------------------------------------------------
    "filing_missing": error("{field}: please fill this in"),
    "filing_short": error("{field}: please write at least {expected} characters; it has {found}"),
    "filing_long": error("{field}: at most {expected} characters are taken; it has {found}"),
    "filing_contact_missing": error(
        "please give a telephone number or an e-mail address, so that you can be reached"
    ),
    "filing_phone": error("this isn't a telephone number; write it like 13800000000"),
    "filing_email": error("this isn't an e-mail address; write it like name@example.cn"),
    "filing_field": error("the record has no such field; choose one of the list"),
    "filing_confirm": error(
        "{field}: credit repair can only be applied for when this is so; please confirm it"
    ),
    "filing_kind": error("there is no kind of filing {value}; known are: {known}"),
    # --- its evidence ------------------------------------------------------------------------
    "evidence_many": error("{found} files are too many; choose at most {expected}"),
    "evidence_large": error(
        "{value} is larger than {expected} MB; make it smaller, for example by scanning in grey"
    ),
    "evidence_empty": error("{value} is empty; choose the file again"),
    "evidence_type": error(
        "{value} isn't a PDF, JPEG or PNG file; save it as one of these and choose it again"
    ),
    # --- where it is put ---------------------------------------------------------------------
    "filings_full": error(
        "{value} has no room for another filing ({reason}); have the filings fetched, or give the "
        "folder more room"
    ),
    "filing_unreadable": error("the filing {value} can't be read: {reason}"),
    "answer_unreadable": error(
        "the answer {value} can't be read: {reason}; have it written again"
    ),
}
