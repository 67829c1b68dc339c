"""Failed samples with what they are linked with: their batch's chain, penalties and recalls."""

from __future__ import annotations

from flask import request

from exchange_schemas.lots import batch_key_of
from hub.states import HANDLER
from hub.trace.recalls import OFFICE, recall_no
from hub.trace.unqualified import samples
from hub.trace.unqualified import unqualified as linked_with
from hub.trace.words import STAGES
from hub.web.console.console import Answer, Console
from hub.web.console.policy import STAFF
from hub.web.console.rendering import page
from hub.web.console.trace import LONGEST, READERS, inputs_of
from hub.web.console.visit import Visit


def add_unqualified(console: Console) -> None:
    """Put the pages on the console."""

    @console.page("/unqualified", STAFF)
    def listing(_visit: Visit) -> Answer:
        words = request.args.get("q", "").strip()[:LONGEST]
        rows = samples(inputs_of(console), words).to_dicts()
        return page("unqualified_list.html", words=words, rows=rows)

    @console.page("/unqualified/<path:sample>", READERS)
    def show(visit: Visit, sample: str) -> Answer:
        found = linked_with(inputs_of(console), sample)
        ways = [batch_key_of(chain.walk.asked) or chain.walk.asked for chain, _ in found.chains]
        return page(
            "unqualified.html",
            found=found,
            ways=ways,
            stages=STAGES,
            recall_no=recall_no,
            may_open=OFFICE in visit.departments(HANDLER),
        )
