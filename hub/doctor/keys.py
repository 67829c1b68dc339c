"""The signing key: there, whole, and still in use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient
from publisher.known_keys import known_key
from publisher.signers import key_id
from publisher.signing import signer_from

OLD = timedelta(days=730)  # a key that signs for longer is worth a new one


def check_key(patient: Patient) -> Iterator[Issue]:
    """Raises what reading a key raises (Refused, Corrupt): that is the finding."""
    site = patient.site
    signer = signer_from(site.keys, patient.environment)
    if signer is None:
        yield Issue("doctor_key_missing", value=str(site.keys))
        return
    name = key_id(signer.public_key)
    known = known_key(site.releases, name)
    if known is None:
        yield Issue("doctor_key_unknown", value=name)
    elif known.valid_until is not None:
        yield Issue("doctor_key_ended", value=name, params={"day": known.valid_until[:10]})
    elif patient.now - datetime.fromisoformat(known.valid_from) > OLD:
        yield Issue("doctor_key_old", value=name, params={"day": known.valid_from[:10]})
    else:
        yield Issue("doctor_key", value=name[:16], params={"day": known.valid_from[:10]})
