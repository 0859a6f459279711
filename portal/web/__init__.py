"""How a room meets the browser: guards, replies, forms, error pages, headers, formatting.

Invariant: every door says who may open it, and only this package knows status codes and htmx.
"""
