"""A local WeChat: the platform's own side of the protocol, on loopback.

`LocalWeChat` answers the calls that a catalog describes, keeps the state of a customer-service
desk, pushes events and messages as the platform does, and reads the replies. `Admin` acts for
customers and agents.

It is WeChat, not a server for any catalog: the rules of each family of calls, the tags with which
pushes begin and the kinds of replies are written down here. The names of all other fields come
from the catalog.

It has no timer: an idle conversation ends with the next request, or when the time is advanced.
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
