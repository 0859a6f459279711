"""WooCommerce: signed webhooks for orders and refunds."""
