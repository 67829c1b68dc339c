"""Consumers: organisations that take exchanges, their keys, and whose request it is."""
