"""What is said of changes. Pure."""

PUT_FORWARD = "Put forward. This page says who confirms it, or when it takes effect by itself."
