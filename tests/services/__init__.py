"""Real servers for the tests, private to one run: PostgreSQL, Redis, Chromium.

`python -m tests.services COMMAND…` installs what is missing (as root), starts the servers on free
loopback ports, runs the command with `HUB_TEST_POSTGRES_URL` and `HUB_TEST_REDIS_URL` set, stops
everything and passes the exit code on.
"""
