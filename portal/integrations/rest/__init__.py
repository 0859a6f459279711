"""Any shop that tells its orders itself, through /api/v1: read again, and kept like a webhook."""
