"""Receiving pushes."""
