"""Risks of products: signals from every channel, weighed by people, acted upon, and closed by somebody else."""
