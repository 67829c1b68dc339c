"""Approved views to the world: views and masks, releases, formats, search index, portal."""
