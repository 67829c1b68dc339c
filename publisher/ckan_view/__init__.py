"""Releases in the words of CKAN: packages, resources, organisations, searches and tables."""
