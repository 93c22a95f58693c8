"""Customer-service session control."""

from __future__ import annotations

from attrs import field, frozen

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given, Handlers, as_json
from wxruntime.sandbox.desk import MAX_WAIT_CASES
from wxruntime.sandbox.state import PlatformState

__all__ = ["handlers"]


def handlers(state: PlatformState) -> Handlers:
    """Return what answers this family's calls."""
    family = _KfSession(state)
    return {
        "kf_session.create": family.create,
        "kf_session.close": family.close,
        "kf_session.get": family.get,
        "kf_session.list": family.list,
        "kf_session.wait_case_list": family.wait_case_list,
    }


@frozen
class _KfSession:
    state: PlatformState = field(repr=False)

    def create(self, given: Given) -> Outgoing:
        state = self.state
        state.push(state.desk.create(given["openid"], given["kf_account"], state.now()))
        return DONE

    def close(self, given: Given) -> Outgoing:
        state = self.state
        state.push(state.desk.close(given["openid"], given["kf_account"], state.now()))
        return DONE

    def get(self, given: Given) -> Outgoing:
        conversation = self.state.desk.serving(given["openid"])
        if conversation is None:
            return as_json({"createtime": 0, "kf_account": ""})
        return as_json(
            {"createtime": conversation.create_time, "kf_account": conversation.kf_account}
        )

    def list(self, given: Given) -> Outgoing:
        served = self.state.desk.served_by(given["kf_account"])
        return as_json(
            {"sessionlist": [{"createtime": c.create_time, "openid": c.openid} for c in served]}
        )

    def wait_case_list(self, given: Given) -> Outgoing:
        waiting = self.state.desk.wait_cases()
        return as_json(
            {
                "count": len(waiting),
                "waitcaselist": [
                    {"latest_time": customer.latest_time, "openid": customer.openid}
                    for customer in waiting[:MAX_WAIT_CASES]
                ],
            }
        )
