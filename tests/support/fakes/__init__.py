"""Stand-ins for the outside world: each implements the Protocol of the room that needs it."""
