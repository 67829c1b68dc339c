"""`make bench`: the main job beside its limits, in one run. Prints a table and JSON."""
