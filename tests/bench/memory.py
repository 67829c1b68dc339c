"""Peak memory of this process."""

from __future__ import annotations

import resource


def peak_megabytes() -> float:
    """Largest resident size so far, in MB of 1,000,000 bytes (Linux counts KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
