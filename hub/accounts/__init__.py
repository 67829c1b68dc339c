"""Accounts: who may enter the console, how they prove it, and the three offices that keep each other in check."""
