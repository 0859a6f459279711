"""Orders and refunds from a CSV file: any shop, and sales made away from a screen (R37)."""
