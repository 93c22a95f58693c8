"""Whether the client reads and writes captured payloads without a loss."""
