"""Rails that people carry: a payment file is their way out."""
