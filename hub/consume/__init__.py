"""The reference consumer, a small library: it knows of a hub only the exchange API.

from hub.consume import consume
"""

from hub.consume.receiver import consume

__all__ = ["consume"]
