"""Templates become pages, in one language, whether they are served or written into a folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Engine

from exchange_schemas.language import LOCALES
from hub.exchange.words import grant_word, word
from hub.instant import utc_now
from hub.web.exchange_site import charts
from hub.web.exchange_site.pages import Board, page, places, seen
from hub.web.exchange_site.speech import Speech
from publisher.static_site import replacing

STATIC = Path(__file__).parent / "static"
MARK = ".exchange-report"  # a file in the folder says that it may be replaced as a whole


def render(
    board: Board, speech: Speech, place: str, found: tuple[str, Mapping[str, Any]], served: bool
) -> str:
    """One page as HTML. All links are relative, so that it can stand anywhere.

    `served`: there is a search of records, which a folder hasn't.
    """
    template, values = found
    up = "../" * (speech.folder + place).count("/")
    other = Speech("en" if speech.chinese else "zh_CN", speech.catalogue)
    words = {
        "_": speech.text,
        "word": partial(word, speech.locale),
        "grant_word": partial(grant_word, speech.locale),
        "n": speech.number,
        "at": speech.moment,
        "title_of": speech.dataset,
        "office_of": speech.department,
        "lang": "zh-CN" if speech.chinese else "en",
        "chinese": speech.chinese,
        "colon": "：" if speech.chinese else ": ",
        "up": up,
        "home": up + speech.folder,
        "twin": up + other.folder + place,
        "place": place,
        "served": served,
        "department": board.department,
        "charts": charts,
        "now": utc_now(),
    }
    return _environment().get_template(template).render({**words, **values})


def write_report(board: Board, engine: Engine, folder: Path) -> int:
    """Write all pages but the search into `folder`, in both languages, in place of an older report;
    returns how many.

    Raises Misdeclared (report_folder_taken), OSError.
    """
    count = 0
    with (
        replacing(folder, MARK, "report_folder_taken") as fresh,
        engine.connect() as connection,
    ):
        shutil.copytree(STATIC, fresh / "assets")
        rows = seen(connection, board)
        for place in list(places(connection, board)):
            found = page(connection, board, place, rows)
            for locale in LOCALES if found else ():
                speech = Speech(locale, board.catalogue)
                path = fresh / (speech.folder + place)
                path.parent.mkdir(parents=True, exist_ok=True)
                text = render(board, speech, place, found or ("", {}), served=False)
                path.write_text(text, encoding="utf-8")
                count += 1
    return count


@cache
def _environment() -> Environment:
    """Every value is text and not markup, whatever it has in it."""
    return Environment(
        loader=PackageLoader("hub.web.exchange_site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
