"""A local WeChat: the platform's own side of the protocol, on loopback.

`LocalWeChat` serves what a catalog describes, with the state of a customer-service desk behind
it, pushes events and messages as the platform does, and reads the replies. `Admin` plays the
customers and the agents.

It has no timer: idle conversations end when it is next asked something or its time is advanced.
"""

from wxruntime.sandbox.admin import Admin, AdminError, Delivered
from wxruntime.sandbox.correspondence import Chat, Received
from wxruntime.sandbox.deliveries import Attempt
from wxruntime.sandbox.server import LocalWeChat

__all__ = [
    "Admin",
    "AdminError",
    "Attempt",
    "Chat",
    "Delivered",
    "LocalWeChat",
    "Received",
]
