"""Releases in a CKAN: datasets, files and tables of another catalogue, kept as ours are."""
