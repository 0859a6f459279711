"""Signs of leaked codes and of fraud, with their evidence in words and figures.

Invariant: a flag only ever holds money; it never declines and never releases by itself. Only
orders placed after the creator was told are withheld for a leaked code. Announces FlagRaised,
FlagDecided and CodeLeaked.
"""
