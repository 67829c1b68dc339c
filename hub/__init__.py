"""The centre: ledger, runs, review, exchange, jobs and the command line."""
