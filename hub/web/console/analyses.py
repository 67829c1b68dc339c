"""What is computed from the records: when, what came of it, and computing it now."""

from __future__ import annotations

from exchange_schemas.days import today
from hub import jobs
from hub.analysis.overview import overview
from hub.analysis.work import KIND
from hub.database import look, write
from hub.web.console.after_acts import hint
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.policy import STAFF
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit


def add_analyses(console: Console) -> None:
    """Put the page and its act on the console."""

    @console.page("/analyses", STAFF)
    def listing(_visit: Visit) -> Answer:
        with look(console.engine) as connection:
            found = overview(console.site, connection, today())
        return page("analyses.html", analyses=found)

    @console.act("/analyses/compute", STAFF, "analysis.compute")
    def compute(_visit: Visit) -> Answer:
        with write(console.engine) as connection:
            waiting = jobs.waiting(connection, KIND)
            number = None if waiting else jobs.submit(connection, KIND, {}, KIND)
        hint(console, number)
        say(speech(console).text("What is due is computed by a worker now; open this page again."))
        return see("analyses.listing")
