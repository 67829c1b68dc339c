"""Delivery: entries handed over in the ways that the province accepts (GB/T 39443: service, database, file).

`target.py` says what a target is, `delivering.py` how its entries go out and what comes of them.
"""
