"""The city plan's own targets: measured from the records, judged by their days."""
