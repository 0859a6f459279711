"""The words every room shares: money, time, codes, errors, pages.

Invariant: pure Python. Nothing here knows Flask, SQL or any room, so everything here can be
tested in milliseconds and used anywhere.
"""
