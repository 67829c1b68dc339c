"""Kinds of sources and formats: those in this package, and those that others publish.

A package of one's own publishes under `exchange_hub.sources` a `Source` (a class without
arguments), and under `exchange_hub.formats` a `Reader`. `docs/write-an-adapter.md` shows it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from adapters.reader import Reader
from adapters.source import Source
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

SOURCE_GROUP, FORMAT_GROUP = "exchange_hub.sources", "exchange_hub.formats"

# Kind → module and attribute; imported when first used, so that a feed of CSV files loads no SOAP.
SOURCES = {
    "file": "adapters.source_file:FileSource",
    "singer": "adapters.source_singer:SingerSource",
    "sql": "adapters.source_sql:SqlSource",
    "s3": "adapters.source_s3:S3Source",
    "imap": "adapters.source_imap:ImapSource",
    "upload": "adapters.source_upload:UploadSource",
    "http": "adapters.source_http:HttpSource",
    "api": "adapters.source_api:ApiSource",
    "ckan": "adapters.source_ckan:CkanSource",
    "soap": "adapters.source_soap:SoapSource",
    "pages": "adapters.source_pages:PagesSource",
    "sftp": "adapters.source_sftp:SftpSource",
    "ftp": "adapters.source_ftp:FtpSource",
}
FORMATS = {
    "csv": "adapters.format_csv:READER",
    "json": "adapters.format_json:READER",
    "jsonl": "adapters.format_jsonl:READER",
    "xml": "adapters.format_xml:READER",
    "exchange_message": "adapters.format_exchange_message:READER",
    "xlsx": "adapters.format_xlsx:READER",
    "xls": "adapters.format_xls:READER",
    "ods": "adapters.format_ods:READER",
    "dbf": "adapters.format_dbf:READER",
    "fixed": "adapters.format_fixed:READER",
    "html": "adapters.format_html:READER",
    "sqldump": "adapters.format_sqldump:READER",
    "sqlite": "adapters.format_sqlite:READER",
    "parquet": "adapters.format_parquet:READER",
    "pydict": "adapters.format_pydict:READER",
}


def source_kinds() -> list[str]:
    """What `source: {kind: …}` may be."""
    return [*SOURCES, *_published(SOURCE_GROUP)]


def format_kinds() -> list[str]:
    """What `format: {kind: …}` may be."""
    return [*FORMATS, *_published(FORMAT_GROUP)]


def find_source(kind: str) -> Source:
    """The source of this kind; raises Misdeclared (plugin_broken) where it can't be imported."""
    made: Source = _load(kind, SOURCES, SOURCE_GROUP)()  # type: ignore[operator]
    return made


def find_reader(kind: str) -> Reader:
    """The format of this kind; raises Misdeclared (plugin_broken) where it can't be imported."""
    found = _load(kind, FORMATS, FORMAT_GROUP)
    if not isinstance(found, Reader):
        raise _broken(kind, f"it is a {type(found).__name__}, not a Reader")
    return found


def _load(kind: str, own: dict[str, str], group: str) -> object:
    try:
        if kind in own:
            module, _, attribute = own[kind].partition(":")
            return getattr(import_module(module), attribute)
        return _published(group)[kind].load()
    except (ImportError, AttributeError) as error:
        raise _broken(kind, str(error)) from error


@cache
def _published(group: str) -> dict[str, EntryPoint]:
    """Kind → what the installed packages publish; our own kinds can't be taken over."""
    own = SOURCES if group == SOURCE_GROUP else FORMATS
    return {point.name: point for point in entry_points(group=group) if point.name not in own}


def _broken(kind: str, reason: str) -> Misdeclared:
    return Misdeclared(Issue("plugin_broken", value=kind, params={"reason": reason}))
