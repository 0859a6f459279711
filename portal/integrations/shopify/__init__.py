"""Shopify: signed webhooks for orders, refunds and disputes."""
