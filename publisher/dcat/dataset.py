"""A release, or a dataset in its present state, as a dcat:Dataset of DCAT-AP 3."""

from __future__ import annotations

from exchange_schemas.standard import Standard
from publisher.dcat.distribution import distribution
from publisher.dcat.nodes import AUTHORITY, Node, agent, concept, contact, day, named, said, typed
from publisher.dcat.subject import Subject

# cycle of a standard → the EU's list of frequencies
_FREQUENCIES = {
    "realtime": "UPDATE_CONT",
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "monthly": "MONTHLY",
    "quarterly": "QUARTERLY",
    "half_yearly": "ANNUAL_2",
    "yearly": "ANNUAL",
}


def dataset(subject: Subject) -> Node:
    """The description, without a context."""
    standard = subject.standard
    return {
        **_identity(subject),
        **_answerable(subject),
        **_coverage(subject),
        "dct:accrualPeriodicity": named("dct:Frequency", _frequency(standard)),
        "dct:language": named("dct:LinguisticSystem", f"{AUTHORITY}language/ZHO"),
        "dct:accessRights": named("dct:RightsStatement", f"{AUTHORITY}access-right/PUBLIC"),
        "dct:provenance": _provenance(subject),
        "dct:conformsTo": _standard(subject),
        "dcatap:applicableLegislation": [
            named("eli:LegalResource", f"{subject.places.page}#law-{n}", dct__title=said(basis))
            for n, basis in enumerate(standard.legal_basis, 1)
        ],
        "dcat:landingPage": named("foaf:Document", subject.places.page),
        "dcat:distribution": [distribution(subject, file) for file in subject.distributed],
    }


def _identity(subject: Subject) -> Node:
    standard, release, places = subject.standard, subject.release, subject.places
    texts = "\n\n".join(t for t in (standard.description, standard.disclaimer) if t)
    told: Node = {
        "@id": places.described,
        "@type": "dcat:Dataset",
        "dct:title": said(standard.title, standard.title_en),
        "dct:description": said(texts, standard.description_en),
        "dct:identifier": standard.dataset,
        "dcat:keyword": [word for pair in subject.keywords for word in said(*pair)],
        "dcat:theme": concept(
            f"{AUTHORITY}data-theme/GOVE", "政府与公共部门", "Government and public sector"
        ),
        "dcat:version": str(release.number),
        "dct:modified": typed("dateTime", release.created_at),
        "dct:issued": typed(
            "dateTime",
            release.created_at if places.beside else subject.issued or release.created_at,
        ),
    }
    if places.beside:
        told["dcat:isVersionOf"] = {"@id": f"{places.page}#dataset"}
        if release.previous:
            told["dcat:previousVersion"] = {"@id": f"../{release.previous.number}/#dataset"}
    return told


def _answerable(subject: Subject) -> Node:
    standard, site = subject.standard, subject.site
    owner = agent(standard.owner, standard.owner_en, department(subject))
    told: Node = {"dct:publisher": owner, "dct:creator": owner}
    if site.contact:
        name = (site.operator_zh or standard.owner, site.operator_en or standard.owner_en)
        told["dcat:contactPoint"] = contact(*name, site.contact)
    return told


def department(subject: Subject) -> str:
    """The name of the department that answers for the dataset."""
    return f"{subject.places.root}#{subject.standard.department}"


def _coverage(subject: Subject) -> Node:
    told: Node = {}
    site = subject.site
    if site.place_zh or site.place_en:
        place = said(site.place_zh, site.place_en)
        told["dct:spatial"] = named("dct:Location", rdfs__label=place, skos__prefLabel=place)
    if subject.period:
        first, last = map(day, subject.period)
        told["dct:temporal"] = named("dct:PeriodOfTime", dcat__startDate=first, dcat__endDate=last)
    return told


def _frequency(standard: Standard) -> str:
    return f"{AUTHORITY}frequency/{_FREQUENCIES.get(standard.cycle, 'OTHER')}"


def _provenance(subject: Subject) -> Node:
    standard, release = subject.standard, subject.release
    chinese = (
        f"由{standard.owner}依照数据标准第 {release.standard_version} 版归集，经两人审核后公开；"
        f"第 {release.number} 版，共 {release.counts['records']} 条。清单 manifest.json 有全部文件的摘要。"
    )
    english = (
        f"Collected by {standard.owner_en} under version {release.standard_version} of the data "
        f"standard, and published after review by two people; release {release.number} of "
        f"{release.counts['records']} records. manifest.json has the digests of all files."
    )
    return named("dct:ProvenanceStatement", rdfs__label=said(chinese, english))


def _standard(subject: Subject) -> Node:
    standard = subject.standard
    chinese = f"数据标准 {standard.dataset} 第 {standard.version} 版"
    english = f"Data standard {standard.dataset}, version {standard.version}"
    title = said(chinese, english)
    identifier = standard.resource_code or standard.dataset
    place = f"{subject.places.root}standards/standards/{standard.dataset}.html"
    return named("dct:Standard", place, dct__title=title, dct__identifier=identifier)
