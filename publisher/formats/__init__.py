"""The files of a release that hold records: one format per module, all columnar.

Each module has a `write` that puts a frame of `publisher.columns.arranged` into one file.
"""
