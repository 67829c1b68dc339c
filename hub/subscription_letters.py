"""Letters to subscribers, in the language in which they subscribed. Plain text, no pictures, no trackers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Any

from exchange_schemas.language import translate
from hub import mail
from hub.subscription_news import News
from hub.subscriptions import CONFIRM_DAYS
from hub.tables_of_subscriptions import WITHDRAWN

MOST_NAMED = 30  # records in one letter


def to_confirm(language: str, topic: str, site: str, confirm: str) -> EmailMessage:
    """Asks whether the mailbox's owner wants this."""
    _ = _speaker(language)
    lines = [
        _("Somebody, probably you, asked to be told of what is new here: {topic}", topic=topic),
        _("If you want that, open this address and confirm it:"),
        confirm,
        _(
            "If not, do nothing: your address is deleted after {days} days and you get no other "
            "letter.",
            days=CONFIRM_DAYS,
        ),
    ]
    return _letter(_("Please confirm your subscription: {topic}", topic=topic), lines, site)


def of_news(
    language: str, event: Mapping[str, Any], news: News, topic: str, site: str, leave: str
) -> EmailMessage:
    """What a release published or withdrew."""
    _ = _speaker(language)
    title = news.title if language == "zh_CN" else news.title_en
    if event["kind"] == WITHDRAWN:
        subject = _("{title}: {count} records withdrawn", title=title, count=news.count)
        lines = _withdrawn(_, news, language)
    else:
        subject = _("{title}: {count} records new or corrected", title=title, count=news.count)
        lines = [
            f"{'*' if one.change == 'changed' else '+'} {one.title}\n  {one.address}"
            for one in news.records[:MOST_NAMED]
        ]
        lines = [_("+ is new, * was corrected."), *lines]
    left = news.count - min(MOST_NAMED, len(news.records) + len(news.withdrawn))
    lines += [_("… and {count} more:", count=left)] if left > 0 else []
    lines += [news.page, _("You subscribed to: {topic}", topic=topic)]
    lines += [_("To unsubscribe, open this address:") + "\n" + leave]
    letter = _letter(subject, lines, site)
    if event["kind"] == WITHDRAWN:
        letter["Importance"] = "high"
    letter["List-Unsubscribe"] = f"<{leave}>"
    letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    return letter


def _withdrawn(_: Any, news: News, language: str) -> list[str]:
    told = [_("These records aren't public any more. Please don't use or pass on copies of them.")]
    for one in news.withdrawn[:MOST_NAMED]:
        reason = one.reason_title if language == "zh_CN" else one.reason
        told.append(f"- {one.record_id}  {one.at[:10]}  {reason or ''}  {one.legal_basis or ''}")
    return told


def of_list(language: str, topics: Sequence[tuple[str, str]], site: str) -> EmailMessage:
    """All subscriptions of a mailbox: (topic, address that ends it)."""
    _ = _speaker(language)
    lines = [_("These are your subscriptions, each with the address that ends it:")]
    lines += [f"{topic}\n{leave}" for topic, leave in topics]
    return _letter(_("Your subscriptions"), lines, site)


def _letter(subject: str, lines: Sequence[str], site: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = mail.sender()
    letter["Subject"] = _one_line(f"【{site}】{subject}")
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: so that no machine answers it
    letter.set_content("\n\n".join(lines) + "\n", cte="base64")
    return letter


def _one_line(text: str) -> str:
    return "".join(one for one in text if one.isprintable())


def _speaker(language: str) -> Any:
    def say(message: str, **values: object) -> str:
        spoken = translate("hub", language, message)
        return spoken.format(**values) if values else spoken

    return say
