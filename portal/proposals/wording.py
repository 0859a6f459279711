"""What is said of changes. Pure."""

PUT_FORWARD = "Put forward. It holds once somebody else of finance has confirmed it."
