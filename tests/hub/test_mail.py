"""Mail leaves through the site's server, and a password only over a connection that can be trusted."""

from __future__ import annotations

import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from hub import mail
from tests.services.ftps_server import make_certificate
from tests.services.server import free_port
from tests.services.smtp_server import Mailserver, smtp_server

PASSWORD = "geheim/smtp"


def letter() -> EmailMessage:
    made = EmailMessage()
    made["To"], made["From"], made["Subject"] = "li@example.cn", mail.sender(), "通知"
    made.set_content("您好\n")
    return made


def test_a_letter_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    with smtp_server() as server:
        monkeypatch.setenv("HUB_SMTP_URL", server.url)
        monkeypatch.setenv("HUB_MAIL_FROM", "hub@example.cn")
        mail.send("li@example.cn", letter())
        (arrived,) = server.letters["li@example.cn"]
        assert (arrived["From"], arrived["Subject"]) == ("hub@example.cn", "通知")


@pytest.mark.parametrize("trusted", [True, False])
def test_a_password_goes_over_tls_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    certificate, key = make_certificate(tmp_path, "IP:127.0.0.1")
    offered = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    offered.load_cert_chain(certificate, key)
    seen: list[bytes] = []

    def known(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
        seen.append(data.password)
        return AuthResult(success=data.password == PASSWORD.encode())

    kept, port = Mailserver(), free_port()
    more = {"tls_context": offered, "authenticator": known, "auth_required": True}
    controller = Controller(kept, hostname="127.0.0.1", port=port, **more)
    controller.start()
    monkeypatch.setenv("HUB_SMTP_URL", f"smtp://hub:geheim%2Fsmtp@127.0.0.1:{port}")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    try:
        if trusted:
            mail.send("li@example.cn", letter())
            assert len(kept.letters["li@example.cn"]) == 1
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                mail.send("li@example.cn", letter())
            assert seen == []
    finally:
        controller.stop()
