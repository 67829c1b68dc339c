"""Credit classes of market subjects and warnings about them, explained to the last record."""
