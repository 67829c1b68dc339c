"""Normative documents: which are in force today, what replaced the others, and whether their numbers are whole."""
