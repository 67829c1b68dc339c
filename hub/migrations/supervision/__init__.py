"""The tables of revisions 0003 and 0004, by what they are for."""
