"""The language of exchange: data standards as data, and the code that reads and checks them.

This package knows none of the others.
"""
