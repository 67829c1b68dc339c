"""Four sample feeds of an invented Maoming, and the generator that wrote their data.

No line describes a real company or person: names are put together by chance, every identifier has
a valid check digit and a body that no registry gave out (`invented_codes.py`).
"""
