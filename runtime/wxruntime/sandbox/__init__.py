"""A local WeChat: the platform's own side of the protocol, on loopback.

`LocalWeChat` serves what a catalog describes, with the state of a customer-service desk behind
it, and pushes signed events. `Admin` plays the customers and the agents.

It has no timer: idle conversations end when it is next asked something or its time is advanced.
"""

from wxruntime.sandbox.admin import Admin
from wxruntime.sandbox.server import LocalWeChat

__all__ = ["Admin", "LocalWeChat"]
