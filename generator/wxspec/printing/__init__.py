"""Printers: lines of Python for the templates, from the representation and the type table."""
