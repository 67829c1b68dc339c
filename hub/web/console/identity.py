"""An identity provider that vouches for people: OpenID Connect, authorisation code with PKCE.

The ID token is what counts: its signature by a key of the provider, with an algorithm that can't be made up
by who knows public keys (RS256, ES256, EdDSA), its issuer, its audience, its time and its nonce.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session

from exchange_schemas.errors import HubError, Misdeclared, Refused
from exchange_schemas.issue import Issue

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "ES256", "EdDSA")
DISCOVERY = "/.well-known/openid-configuration"
SECONDS = 10.0  # for which an answer is waited for
DRIFT = 60  # seconds that the two clocks may be apart
KEPT = 3600.0  # seconds for which the provider's description is believed
_HERE = ("localhost", "127.0.0.1", "::1")
CLAIM = "preferred_username"
_VARIABLE = "HUB_CONSOLE_OIDC_"


@dataclass(frozen=True, slots=True)
class Identity:
    """The provider's address, what the hub is called there, and the claim that names a person here."""

    issuer: str
    client: str
    secret: str
    claim: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Identity | None:
        """From HUB_CONSOLE_OIDC_ISSUER, …_CLIENT, …_SECRET and …_CLAIM; None where there is no issuer.

        Raises Misdeclared (console_setting_wrong): also for an address without TLS that isn't this machine.
        """
        issuer = environ.get(f"{_VARIABLE}ISSUER", "")
        if not issuer:
            return None
        told = urlsplit(issuer)
        if told.scheme != "https" and not (told.scheme == "http" and told.hostname in _HERE):
            raise _wrong("ISSUER", issuer)
        client, secret = (environ.get(f"{_VARIABLE}{name}", "") for name in ("CLIENT", "SECRET"))
        if not (client and secret):
            raise _wrong("SECRET" if client else "CLIENT", "")
        return cls(issuer, client, secret, environ.get(f"{_VARIABLE}CLAIM") or CLAIM)


class _Client(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]
    client_cls = OAuth2Session


class Provider:
    """The provider, asked over HTTP."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self._client: _Client | None = None
        self._until = 0.0

    def begin(self, back: str) -> dict[str, str]:
        """Where to send a browser that is to come `back`: {url, state, nonce, code_verifier}.

        Raises Refused (identity_away, identity_wrong).
        """
        told: dict[str, str] = self._asked(
            lambda client: client.create_authorization_url(back), "discovery"
        )
        return told

    def person(self, back: str, code: str, begun: Mapping[str, str]) -> str:
        """Who it is that came back with `code`. Raises Refused (identity_away, identity_wrong)."""
        verifier = begun["code_verifier"]
        token = self._asked(
            lambda client: client.fetch_access_token(
                redirect_uri=back, code=code, code_verifier=verifier
            ),
            "code",
        )
        if not token.get("id_token"):
            raise wrong("id_token")
        claims = self._asked(
            lambda client: self._claims(client, token, begun["nonce"]), "id_token"
        )
        person = claims.get(self.identity.claim)
        if not isinstance(person, str) or not person:
            raise wrong(self.identity.claim)
        return person

    def _claims(self, client: _Client, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        options = {
            "iss": {"essential": True, "value": self.identity.issuer},
            "aud": {"essential": True, "value": self.identity.client},
            "exp": {"essential": True},
        }
        claims: Mapping[str, Any] = client.parse_id_token(token, nonce, options, leeway=DRIFT)
        return claims

    def _asked(self, ask: Any, what: str) -> Any:
        """What the provider answers; why it doesn't is told by a word, because its texts may be anybody's."""
        try:
            return ask(self._known())
        except HubError:
            raise
        except OSError as error:  # those of the network
            words = {"reason": type(error).__name__}
            raise Refused(Issue("identity_away", params=words)) from None
        except Exception as error:  # whatever isn't right with an answer, nobody comes in by it
            logger.warning("identity provider: %s: %s", what, type(error).__name__)
            raise wrong(what) from error

    def _known(self) -> _Client:
        """The provider as it describes itself; described anew every hour."""
        if self._client is None or time.monotonic() > self._until:
            one = self.identity
            client = _Client(
                None,
                name="identity",
                client_id=one.client,
                client_secret=one.secret,
                server_metadata_url=one.issuer.rstrip("/") + DISCOVERY,
                client_kwargs={
                    "scope": "openid profile",
                    "code_challenge_method": "S256",
                    "default_timeout": SECONDS,
                },
            )
            told = client.load_server_metadata()
            if told.get("issuer") != one.issuer:
                raise wrong("issuer")
            told["id_token_signing_alg_values_supported"] = list(ALGORITHMS)
            self._client, self._until = client, time.monotonic() + KEPT
        return self._client


def wrong(reason: str) -> Refused:
    """What is told where the provider didn't say who it is."""
    return Refused(Issue("identity_wrong", params={"reason": reason}))


def _wrong(name: str, value: str) -> Misdeclared:
    return Misdeclared(
        Issue("console_setting_wrong", value=value, params={"name": _VARIABLE + name})
    )
