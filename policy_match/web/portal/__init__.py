"""What the pages of all three portals have in common: how one is described, reached, filled in and shown."""
