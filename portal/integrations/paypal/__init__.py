"""PayPal payouts: files for its mass payment upload, and the reports it gives back."""
