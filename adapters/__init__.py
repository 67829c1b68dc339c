"""Sources to batches: one transport or format per file; `feeds/` holds the declared examples."""
