"""One-time codes by time (TOTP, RFC 6238): six digits, each good once."""

from __future__ import annotations

import hmac
import time
import unicodedata

from pyotp import TOTP, random_base32

STEP = 30  # seconds
DRIFT = 1  # steps that a telephone's clock may be off, both ways


def new_secret() -> str:
    """A new secret of 160 bits, in base 32."""
    return random_base32(32)


def address(secret: str, person: str, issuer: str) -> str:
    """The otpauth: address that an authenticator reads from a picture."""
    return TOTP(secret, name=person, issuer=issuer).provisioning_uri()


def step_of(secret: str, code: str, after: int | None, now: float | None = None) -> int | None:
    """The step of time whose code this is; None where it is wrong, or not later than `after`.

    However it is written (blanks, full-width digits), a code is the same code.
    """
    plain = "".join(unicodedata.normalize("NFKC", code).split()).replace("-", "")
    present = int((now if now is not None else time.time()) // STEP)
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        right = hmac.compare_digest(TOTP(secret).generate_otp(step).encode(), plain.encode())
        if right and (after is None or step > after):
            found = step
    return found
