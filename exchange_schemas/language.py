"""Simplified Chinese and English texts from gettext catalogues.

Message ids are the English texts. A package's catalogue are the `.po` files in
`<package>/locale/<locale>/`, read on first use, so no compiled file is kept.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT_LOCALE = "zh_CN"
LOCALES = ("zh_CN", "en")


@cache
def catalogue(package: str, locale: str) -> NullTranslations:
    """The translations of one package, e.g. `catalogue("exchange_schemas", "zh_CN")`.

    English has no catalogue: its texts are the message ids.
    """
    folder = files(package).joinpath("locale", locale)
    if not folder.is_dir():
        return NullTranslations()
    sources = sorted(folder.iterdir(), key=lambda one: one.name)
    texts = (source.read_text(encoding="utf-8") for source in sources)
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.StringIO("\n\n".join(texts)), locale=locale))
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(package: str, locale: str, message: str) -> str:
    """`message` in `locale`, or `message` itself where the catalogue has no entry."""
    return catalogue(package, locale).gettext(message)
