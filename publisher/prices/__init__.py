"""Prices as columns: what records of price_monitoring say, per item, monitoring point and day."""
