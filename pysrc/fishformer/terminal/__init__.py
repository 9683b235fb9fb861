"""The terminal: what its commands do, and how they show it."""
