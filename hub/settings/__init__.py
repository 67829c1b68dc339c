"""Settings: one declared catalogue of them, read from `hub.toml` and, before it, the environment."""
