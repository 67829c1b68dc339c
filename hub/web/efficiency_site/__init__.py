"""The efficiency view as static pages for supervisors: rates, days, and what is on the supervision list."""

from hub.web.efficiency_site.building import write_site

__all__ = ["write_site"]
