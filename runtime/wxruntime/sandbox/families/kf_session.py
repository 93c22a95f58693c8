"""Customer-service session control."""

from __future__ import annotations

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given, as_json
from wxruntime.sandbox.desk import MAX_WAIT_CASES
from wxruntime.sandbox.families.family import Family

__all__ = ["KfSessionCalls"]


class KfSessionCalls(Family):
    """Answers the calls of the family `kf_session`."""

    def create(self, given: Given) -> Outgoing:
        state = self._state
        state.push(state.desk.create(given["openid"], given["kf_account"], state.now()))
        return DONE

    def close(self, given: Given) -> Outgoing:
        state = self._state
        state.push(state.desk.close(given["openid"], given["kf_account"], state.now()))
        return DONE

    def get(self, given: Given) -> Outgoing:
        conversation = self._state.desk.serving(given["openid"])
        if conversation is None:
            return as_json({"createtime": 0, "kf_account": ""})
        return as_json(
            {"createtime": conversation.create_time, "kf_account": conversation.kf_account}
        )

    def list(self, given: Given) -> Outgoing:
        served = self._state.desk.served_by(given["kf_account"])
        return as_json(
            {"sessionlist": [{"createtime": c.create_time, "openid": c.openid} for c in served]}
        )

    def wait_case_list(self, given: Given) -> Outgoing:
        waiting = self._state.desk.wait_cases()
        return as_json(
            {
                "count": len(waiting),
                "waitcaselist": [
                    {"latest_time": customer.latest_time, "openid": customer.openid}
                    for customer in waiting[:MAX_WAIT_CASES]
                ],
            }
        )
