"""Says why calls fail: one check after the other, from the credentials to the quota.

It is read-only: no token is forced, none is stored, and a plain one is requested only by choice.
"""
