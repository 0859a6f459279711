"""Mail leaves through SMTP, with the standard library."""
