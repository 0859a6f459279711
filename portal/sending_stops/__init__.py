"""The operator's kill switch: while it is on, nothing is sent for any brand of this installation.

Invariant: at most one stop stands at a time; it has a reason, and a released one is kept as it was.
It changes no run: what goes on by itself afterwards is what went on before. Announces nothing.
"""
