"""Says why calls fail: one check after the other, from the credentials to the quota.

It harms nobody: no token is forced, none is stored, and a plain one is asked for only by choice.
"""
