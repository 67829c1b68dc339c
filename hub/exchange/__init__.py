"""The exchange: what consumers are given of the ledger, and what both sides hold of it."""
