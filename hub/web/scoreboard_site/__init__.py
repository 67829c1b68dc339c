"""The scoreboard as static pages for staff: rates, what is overdue, and the records behind numbers."""

from hub.web.scoreboard_site.building import write_site

__all__ = ["write_site"]
