"""Whose the credit classes are: which department's people decide on versions and appeals."""

from __future__ import annotations

#: The plan gave 企业信用分类监管 to 市工商局, whose place 市场监督管理局 has taken.
OFFICE = "market_regulation"
