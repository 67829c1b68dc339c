"""The audit log: who did what, in the same transaction as the act, each entry chained to the one before."""
