"""Storage for objects (S3): deliveries, releases, and what the public portal drops for the hub.

Without `HUB_STORAGE_URL` nothing here does anything. In the bucket, below the prefix:

    raw/ab/abcd…                 deliveries, by SHA-256
    files/<folder>/<path>@<16 digits of its SHA-256>
    lists/<folder>.json          which files a folder has; written last, so it says what counts
    drops/filings/…, drops/subscriptions/…
"""
