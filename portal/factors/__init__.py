"""What a person proves herself with beside her mail: an app's codes, passkeys, recovery codes.

Invariant: nothing here opens a door twice. A code of the app, a recovery code and the answer of a
passkey each work once; secrets are sealed, recovery codes kept as hashes. Announces
SecondFactorChanged.
"""
