"""Seeing what the hub does: logs, metrics, traces, the operator's status, and alerts."""
