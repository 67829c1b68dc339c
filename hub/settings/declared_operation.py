"""Settings: mail, what is watched and who is told, and storage outside the site."""

from __future__ import annotations

from hub.settings.kind import address, choice, mail, mails, names, text
from hub.settings.setting import Secrecy, Setting

_WEB = ("https", "http")
_WHOLE = Secrecy.WHOLE

OPERATION = (
    Setting("mail.server", address("smtp", "smtps"),
            "The mail server; without it nothing is mailed", None, "HUB_SMTP_URL", Secrecy.PASSWORD),
    Setting("mail.sender", mail(), "The address that mail comes from", "exchange-hub@localhost",
            "HUB_MAIL_FROM"),
    Setting("mail.operator", mail(), "Who is mailed of overdue receipts", None, "HUB_OPERATOR_MAIL"),
    Setting("monitoring.log_format", choice("json", "text"),
            "How the log is written; without it text on a terminal, else json", None,
            "HUB_LOG_FORMAT"),
    Setting("monitoring.log_level", choice("debug", "info", "warning", "error"),
            "From which weight on the log has something; without it as the command needs", None,
            "HUB_LOG_LEVEL"),
    Setting("monitoring.traces", address(*_WEB), "Where traces are sent (OTLP over HTTP)", None,
            "HUB_TRACES"),
    Setting("monitoring.metrics_token", text(), "What who asks for metrics must show", None,
            "HUB_METRICS_TOKEN", _WHOLE),
    Setting("alerts.mail_to", mails(), "Who is mailed of what goes wrong"),
    Setting("alerts.certificates", names(), "Servers whose certificates are watched, as host or host:port"),
    Setting("alerts.webhook", address(*_WEB), "Where alerts are posted"),
    Setting("alerts.webhook_secret", text(), "What posted alerts are signed with", secrecy=_WHOLE),
    Setting("alerts.wecom", address(*_WEB), "Address of a robot of WeCom", secrecy=_WHOLE),
    Setting("alerts.dingtalk", address(*_WEB), "Address of a robot of DingTalk", secrecy=_WHOLE),
    Setting("alerts.dingtalk_secret", text(), "What messages to DingTalk are signed with",
            secrecy=_WHOLE),
    Setting("storage.url", address("s3"), "Where deliveries and releases are kept: s3://bucket/prefix"),
    Setting("storage.endpoint", address(*_WEB), "Address of the object store"),
    Setting("storage.access_key", text(), "The hub's name at the object store"),
    Setting("storage.secret_key", text(), "The hub's secret at the object store", secrecy=_WHOLE),
    Setting("storage.columns", choice("storage"),
            "Where columnar copies for analysis stand; without it in the site", None, "HUB_COLUMNS"),
)  # fmt: skip
