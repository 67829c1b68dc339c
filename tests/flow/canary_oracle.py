"""What an audience may see, worked out from the fields' tiers and masks without the code that shows it."""

from __future__ import annotations

import json

from exchange_schemas.standard import Field, Standard
from hub.consumers.consumer import add_consumer
from hub.database import write
from hub.states import PUBLIC
from hub.web.exchange import PREFIX
from tests.flow.canaries import Record
from tests.flow.canary_hunt import Hunt
from tests.flow.canary_site import Aviary
from tests.hub.exchange_hub import ask


def places(aviary: Aviary, text: str) -> set[int]:
    """Which canaries the lines of a text have, by their place in the mint."""
    lone = Hunt()
    for line in text.split("\n"):
        lone.take("text", "", line)
    return set(lone.found(aviary.mint.made)["place"])


def shows(standard: Standard, one: Field, record: Record, audience: str) -> bool:
    """Whether an audience sees what a field says of this record, but for private numbers in it."""
    if not one.visible_to(audience):
        return False
    for mask in one.masks:
        holds = all(record.get(n) is None or record[n] in v for n, v in mask.when.items())
        if audience in mask.audiences and holds:
            return mask.rule == "free_text"
    return True


def shown(standard: Standard, record: Record, audience: str) -> str:
    """All that an audience may see of a record."""
    seen = [
        n
        for n, f in standard.fields.items()
        if n in record and shows(standard, f, record, audience)
    ]
    return json.dumps([record[n] for n in seen], ensure_ascii=False)


def public_canaries(aviary: Aviary) -> set[int]:
    """The canaries in public fields of public records, without private numbers."""
    texts = []
    for name in aviary.public:
        standard, contents = aviary.catalogue.get(name), aviary.contents(name)
        texts += [
            shown(standard, contents[row["seq"]], "public") for row in aviary.rows(name, *PUBLIC)
        ]
    return {n for n in places(aviary, "\n".join(texts)) if not aviary.mint.made[n].private}


def exchanged(aviary: Aviary, audience: str) -> tuple[Hunt, set[int]]:
    """All that a consumer of all datasets is sent, and the canaries that it may be sent."""
    names = [
        n for n in aviary.catalogue.datasets() if aviary.catalogue.get(n).share_type != "none"
    ]
    own = _an_association(aviary) if audience == "industry" else None
    with write(aviary.engine) as connection:
        key = add_consumer(connection, audience, audience, names, own)
    sent, texts = Hunt(), []
    for name in names:
        response = ask(
            aviary.engine, f"{PREFIX}/v1/datasets/{name}/entries?after=0&limit=1000", key
        )
        assert response.status_code == 200, (name, response.text)
        sent.take("entries", name, response.get_data())
        sent.take("headers", name, str(response.headers))
        standard = aviary.catalogue.get(name)
        for record in aviary.contents(name).values():
            view = _view(standard, record, audience, own)
            texts += [shown(standard, record, view)] if view else []
    may = places(aviary, "\n".join(texts))
    if audience == "industry":  # whose masks take them out, as the public's do
        may = {n for n in may if not aviary.mint.made[n].private}
    return sent, may


def _an_association(aviary: Aviary) -> str:
    record = next(iter(aviary.contents("industry_blacklist").values()))
    return str(record["org_uscc"])


def _view(standard: Standard, record: Record, audience: str, own: str | None) -> str | None:
    """As whom the consumer sees a record; None: not at all."""
    if audience == "government":
        return audience
    if not all(record.get(n) in v for n, v in standard.industry_when.items()):
        return None
    if standard.association is None or record.get(standard.association) == own:
        return audience
    open_to_all = standard.public and all(
        record.get(n) in v for n, v in standard.public_when.items()
    )
    return "public" if open_to_all else None
