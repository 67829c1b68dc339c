"""All datasets of a portal as a dcat:Catalog of DCAT-AP 3, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.dcat.dataset import dataset
from publisher.dcat.distribution import licence_of
from publisher.dcat.nodes import AUTHORITY, CONTEXT, Node, agent, named, said, typed
from publisher.dcat.site_words import SiteWords
from publisher.dcat.subject import Subject

SIZE = 100  # datasets of one page

_SAID_ZH = "经审核公开的市场监管数据：每个数据集的说明、当前发布版的文件和摘要。"
_SAID_EN = (
    "Reviewed and published data of market regulation, with the files of each current release."
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`root` is the portal's address with a slash at its end; `place` the one of this catalogue.

    `subjects` are all datasets, in an order that stays.
    """

    root: str
    place: str
    site: SiteWords
    subjects: Sequence[Subject]

    @property
    def pages(self) -> int:
        """How many pages there are: at least one."""
        return max(1, -(-len(self.subjects) // SIZE))


def catalogue(whole: Catalogue, page: int) -> Node:
    """One page as JSON-LD; pages count from 1."""
    first = (page - 1) * SIZE
    shown = whole.subjects[first : first + SIZE]
    graph = [_catalogue(whole, shown)]
    if whole.pages > 1:
        graph.append(_view(whole, page))
    return {"@context": CONTEXT, "@graph": graph}


def _catalogue(whole: Catalogue, shown: Sequence[Subject]) -> Node:
    site = whole.site
    title = said(site.title_zh or "数据开放平台", site.title_en or "Open data")
    datasets = [dataset(subject) for subject in shown]
    changed = [one.release.created_at for one in whole.subjects]
    place = said(site.place_zh, site.place_en)
    return named(
        "dcat:Catalog",
        f"{whole.root}#catalogue",
        dct__title=title,
        dct__description=said(_SAID_ZH, _SAID_EN),
        dct__publisher=_publisher(whole),
        dct__language=named("dct:LinguisticSystem", f"{AUTHORITY}language/ZHO"),
        dct__license=licence_of(site),
        dct__spatial=place and named("dct:Location", rdfs__label=place, skos__prefLabel=place),
        dct__modified=changed and typed("dateTime", max(changed)),
        foaf__homepage=named("foaf:Document", whole.root),
        dcat__service=_service(whole, [one["@id"] for one in datasets]),
        dcat__dataset=datasets,
    )


def _publisher(whole: Catalogue) -> Node:
    site = whole.site
    chinese = site.operator_zh or site.title_zh or whole.root
    return agent(chinese, site.operator_en or site.title_en, f"{whole.root}#operator")


def _service(whole: Catalogue, datasets: list[str]) -> Node:
    return named(
        "dcat:DataService",
        f"{whole.root}#api",
        dct__title=said("数据接口（与 CKAN 兼容）", "Data API (compatible with CKAN)"),
        dcat__endpointURL=named("rdfs:Resource", f"{whole.root}api/3/action/"),
        dcat__endpointDescription=named("rdfs:Resource", f"{whole.root}openapi.json"),
        dcat__servesDataset=[{"@id": one} for one in datasets],
    )


def _view(whole: Catalogue, page: int) -> Node:
    """How the pages follow each other, in both ways that readers of Hydra know."""

    def at(number: int) -> Node | None:
        return {"@id": f"{whole.place}?page={number}"} if 1 <= number <= whole.pages else None

    told = {
        "hydra:first": at(1),
        "hydra:last": at(whole.pages),
        "hydra:previous": at(page - 1),
        "hydra:next": at(page + 1),
    }
    return {
        "@id": f"{whole.place}?page={page}",
        "@type": ["hydra:PartialCollectionView", "hydra:PagedCollection"],
        "hydra:totalItems": len(whole.subjects),
        "hydra:itemsPerPage": SIZE,
        **{name: node for name, node in told.items() if node},
    }
