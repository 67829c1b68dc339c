"""Food trace and recall: where a batch came from, where it went, what the ledger lacks, and calling it back."""
