"""What the hub serves over HTTP: the exchange API; later the staff console."""
