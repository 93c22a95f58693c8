"""The demonstration: one conversation from waiting to closed, over real HTTP."""
