"""What the generated client stands on: calls, transport, tokens, errors and the wire.

Importing this package loads nothing; each room is imported by the code that needs it.
"""
