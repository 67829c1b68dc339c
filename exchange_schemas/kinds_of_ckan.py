"""Kinds of issue: publishing to a CKAN. Kinds of its failures follow its own types of errors."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info

CKAN_KINDS: dict[str, Kind] = {
    "ckan_settings": error("ckan.yml, {value}: expected {reason}; correct the settings"),
    "ckan_target_unknown": error("there is no CKAN {value} in ckan.yml; known are: {known}"),
    # --- it may pass: tried again later ---
    "ckan_unreachable": error("the CKAN at {value} isn't reached ({action}); it is tried again"),
    "ckan_slow": error(
        "the CKAN at {value} didn't answer in time ({action}); it is tried again. If it stays so, "
        "raise seconds: or lower rows_a_call: in ckan.yml"
    ),
    "ckan_busy": error(
        "the CKAN at {value} has a fault or too much to do ({action}: {status}); it is tried again"
    ),
    "ckan_index_down": error(
        "the CKAN at {value} doesn't reach its search index ({action}) and changed nothing; it is "
        "tried again"
    ),
    # --- somebody has to do something first ---
    "ckan_denied": error(
        "the CKAN at {value} doesn't allow {action} ({status}); give the token's user the right, or "
        "set another token"
    ),
    "ckan_absent": error(
        "the CKAN at {value} has no such thing ({action}: {status}), or hides it from the token's user"
    ),
    "ckan_conflict": error(
        "the CKAN at {value} doesn't take {fields} ({action}: {status}); see its log"
    ),
    "ckan_too_large": error(
        "{action} is too large for the CKAN at {value} ({status}); lower rows_a_call: or "
        "upload_up_to_mb: in ckan.yml, or raise its limit"
    ),
    "ckan_strange": error(
        "what answers at {value} isn't a CKAN, or its certificate isn't known ({action}: {status}); "
        "correct url: or ca: in ckan.yml"
    ),
    # --- read back ---
    "ckan_differs": error("{dataset} in the CKAN differs from release {release}: {place}: {what}"),
    "ckan_still_there": error(
        "{dataset}: {what} of records taken back is still in the CKAN ({place}); it is tried again"
    ),
    "ckan_overtaken": error(
        "{dataset}: release {release} was followed by another one while it was pushed; that one is next"
    ),
    "retractions_unreadable": error(
        "what the hub says of records of {value} that were taken back can't be read ({reason}); it "
        "writes it anew with the next release"
    ),
    "ckan_links_only": info(
        "{dataset}: {what} is larger than upload_up_to_mb: and there is no portal: to link to; left out"
    ),
}
