"""Settings: who may come into the console, and how long they stay."""

from __future__ import annotations

from hub.settings.kind import address, choice, text, whole
from hub.settings.setting import Secrecy, Setting

CONSOLE = (
    Setting("console.session_hours", whole(1, 168), "Hours until one must sign in again", "12"),
    Setting("console.idle_minutes", whole(1, 1440), "Minutes without a page after which one is signed out", "30"),
    Setting("console.code_required", choice("everyone", "offices", "nobody"),
            "Who must give a one-time code beside the password", "everyone"),
    Setting("console.oidc_issuer", address("https", "http"), "Address of the OpenID Connect provider"),
    Setting("console.oidc_client", text(), "The hub's client id at the OpenID Connect provider"),
    Setting("console.oidc_secret", text(), "The hub's client secret at the OpenID Connect provider",
            secrecy=Secrecy.WHOLE),
    Setting("console.oidc_claim", text(), "The claim that names the account", "preferred_username"),
)  # fmt: skip
