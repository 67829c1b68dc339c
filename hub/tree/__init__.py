"""The Merkle tree of an exchange stream (RFC 9162): hashing, tiles, proofs and checkpoints.

Nothing here knows a database or the network, so the hub and a consumer compute with the same code.
"""
