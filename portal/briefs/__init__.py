"""Briefs: brands ask for content, ambassadors deliver it, brands approve it.

Invariant: what an ambassador accepted (version, fee, due day) never changes under her, nothing is
approved without a valid disclosure (R113), and an assignment completes once. Announces
BriefPublished, AssignmentInvited, SubmissionSent, ChangesRequested, AssignmentCompleted and more.
"""
