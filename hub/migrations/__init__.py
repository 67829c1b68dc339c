"""From the schema of an older site to today's, revision by revision."""
