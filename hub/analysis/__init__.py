"""What follows from the records: computed over columns, and kept in the ledger like any department's records."""
