"""Descriptions for other catalogues: DCAT-AP 3, schema.org and Project Open Data."""

from publisher.dcat.documents import dcat_document, schema_org_document

__all__ = ["dcat_document", "schema_org_document"]
