"""Declared feeds that ship with the hub."""
