"""The doctor: small checks of a whole installation, each with what to do where something is wrong."""
