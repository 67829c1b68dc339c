"""A first declaration for a file that nobody has declared: what it is, and which column is which field.

Everything here is a guess, and says so: each one has a confidence from 0 to 1 and a reason in Chinese
and English. `suggestion.suggest` is the way in; `aliases.csv` and `words.csv` are its vocabulary.
"""
