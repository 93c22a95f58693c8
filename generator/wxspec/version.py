"""The version of the distribution and of the compiler."""

__version__ = "0.1.0"
