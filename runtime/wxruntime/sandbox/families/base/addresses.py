"""The addresses of the platform, and the check of the callback's address."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit
from zlib import crc32

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import Given, as_json
from wxruntime.sandbox.families.family import Family
from wxruntime.sandbox.refusal import Refusal
from wxruntime.wire import JsonObject

__all__ = ["AddressCalls"]

ACTIONS = ("all", "dns", "ping")
OPERATORS = ("DEFAULT", "CHINANET", "UNICOM", "CAP")
DEFAULT_OPERATOR = "CAP"
"""The network that the check uses by default: Tencent's own."""

NO_CALLBACK = 40201
INVALID_ACTION = 40202
INVALID_OPERATOR = 40203


class AddressCalls(Family):
    """Answers the calls about addresses, of the platform and of the callback."""

    def get_callback_ip(self, given: Given) -> Outgoing:
        # Like the platform, a list of addresses and networks; pushes come from the first.
        return as_json({"ip_list": ["127.0.0.1", "203.0.113.0/25"]})

    def get_api_domain_ip(self, given: Given) -> Outgoing:
        return as_json({"ip_list": ["127.0.0.1", "203.0.113.128/25"]})

    def callback_check(self, given: Given) -> Outgoing:
        action, operator = given["action"], given["check_operator"]
        if action not in ACTIONS:
            raise Refusal(INVALID_ACTION)
        if operator not in OPERATORS:
            raise Refusal(INVALID_OPERATOR)
        if self._state.callback_url is None:
            raise Refusal(NO_CALLBACK)
        network = DEFAULT_OPERATOR if operator == "DEFAULT" else operator
        address = _address(urlsplit(self._state.callback_url).hostname or "")
        found: JsonObject = {"ip": address, "real_operator": network}
        answered: JsonObject = {
            "ip": address,
            "from_operator": network,
            "package_loss": "0%",
            "time": "23.079ms",
        }
        return as_json(
            {
                "dns": [] if action == "ping" else [found],
                "ping": [] if action == "dns" else [answered],
            }
        )


def _address(host: str) -> str:
    """Return an address for a host name, without a DNS query: nothing leaves the machine.

    Each name other than `localhost` has an address that is reserved for documentation (RFC 5737),
    the same each time.
    """
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ip_address(host))
    except ValueError:
        return f"198.51.100.{crc32(host.encode()) % 254 + 1}"
