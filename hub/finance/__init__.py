"""Statistics of finance: what is missing or late, which values are doubtful, and what was revised."""
