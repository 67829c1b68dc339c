"""Backups of a whole site while it runs, restoring them, and moving a site to another database."""
