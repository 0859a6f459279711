"""Store credit as a way to be paid: nothing leaves the house, a shop can carry it out."""
