"""Grants: who may have what of which dataset, in whose view, for what, and how that is decided."""
