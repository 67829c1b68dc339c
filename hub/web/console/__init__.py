"""The staff console: pages for those who review, approve, answer, connect feeds, and look after the hub."""
