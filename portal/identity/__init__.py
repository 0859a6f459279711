"""Who is here: users, brands, staff roles, invitations, sign-in.

Invariant: whatever gives access (session, invitation) is stored as a hash, and a sign-in code is
never stored at all. One person is one account, with any number of roles in any number of brands.
Announces UserRegistered, SignInCodeRequested, StaffInvited.
"""
