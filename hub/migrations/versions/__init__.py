"""One file for each revision: how its schema is made from the one before it. There is no way back."""
