"""SEPA credit transfers: files for a bank (pain.001), and its statements (camt.053)."""
