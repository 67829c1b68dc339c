"""Signed requests: HTTP message signatures (RFC 9421) as the exchange asks for them.

Importable without the hub's database: a consumer signs with `sign`, the hub checks with `verify`.
"""
