"""The picture of the exchange's overview, for docs/images/exchange-pages.png.

python -m tests.exchange.pictures_of_exchange
"""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

from hub.web.exchange_pages import create_pages
from hub.web.exchange_site.pages import Board
from tests.exchange.exchange_board import filled
from tests.exchange.receipt_hub import CATALOGUE
from tests.hub.exchange_hub import listening, site_of
from tests.hub.ledger_data import made
from tests.services.browser import browser, show_at

TARGET = Path(__file__).parent.parent.parent / "docs" / "images" / "exchange-pages.png"
WIDTH, HEIGHT, COLOURS = 1280, 720, 64


def main() -> None:
    """Take it anew."""
    with tempfile.TemporaryDirectory(prefix="hub-pictures-") as folder:
        engine = made(f"sqlite:///{folder}/hub.sqlite")
        filled(engine)
        pages = create_pages(Board(site_of(engine), CATALOGUE), engine)
        with listening(pages.wsgi_app) as url, browser() as driver:
            show_at(driver, WIDTH, HEIGHT)
            driver.get(url)
            taken = Image.open(BytesIO(driver.get_screenshot_as_png())).convert("RGB")
        engine.dispose()
    few = taken.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(TARGET, optimize=True)
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
