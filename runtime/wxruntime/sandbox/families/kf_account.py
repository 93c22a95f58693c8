"""Customer-service accounts."""

from __future__ import annotations

import hashlib

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given, as_json
from wxruntime.sandbox.families.family import Family
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.staff import KfAccount
from wxruntime.wire import JsonObject

__all__ = ["KfAccountCalls"]

MAX_PICTURE = 5 << 20
"""How large a picture may be, in bytes."""
_JPEG = b"\xff\xd8\xff"
ONLINE = 1
"""Online in the web client, the only status in the documentation."""

INVALID_FILE_TYPE = 40005
IMAGE_TOO_LARGE = 40009


class KfAccountCalls(Family):
    """Answers the calls of the family `kf_account`."""

    def add(self, given: Given) -> Outgoing:
        staff = self._state.desk.staff
        staff.add(given["kf_account"], given["nickname"], given["business_id"])
        return DONE

    def update(self, given: Given) -> Outgoing:
        self._state.desk.staff.rename(given["kf_account"], given["nickname"])
        return DONE

    def delete(self, given: Given) -> Outgoing:
        state = self._state
        state.push(state.desk.delete_account(given["kf_account"], state.now()))
        return DONE

    def invite_worker(self, given: Given) -> Outgoing:
        staff = self._state.desk.staff
        staff.invite(given["kf_account"], given["invite_wx"], self._state.now())
        return DONE

    def upload_head_image(self, given: Given) -> Outgoing:
        account = self._state.desk.staff.find(given["kf_account"])
        file = given.file("media")
        # The documentation asks for a name in .jpg, but the content decides.
        if not file.content.startswith(_JPEG):
            raise Refusal(INVALID_FILE_TYPE)
        if len(file.content) > MAX_PICTURE:
            raise Refusal(IMAGE_TOO_LARGE)
        digest = hashlib.sha256(file.content).hexdigest()
        account.picture = f"https://mmbiz.example/kf_headimg/{digest}/0"
        return DONE

    def list(self, given: Given) -> Outgoing:
        accounts = self._state.desk.staff.of(given["business_id"])
        now = self._state.now()
        return as_json({"kf_list": [_described(account, now) for account in accounts]})

    def list_online(self, given: Given) -> Outgoing:
        desk = self._state.desk
        return as_json(
            {
                "kf_online_list": [
                    {
                        "kf_account": account.name,
                        "status": ONLINE,
                        "kf_id": str(account.number),
                        "accepted_case": len(desk.served_by(account.name)),
                    }
                    for account in desk.staff.of(given["business_id"])
                    if account.online
                ]
            }
        )


def _described(account: KfAccount, now: int) -> JsonObject:
    described: JsonObject = {
        "kf_account": account.name,
        "kf_nick": account.nickname,
        "kf_id": str(account.number),
        "kf_headimgurl": account.picture,
    }
    if account.bound:
        described["kf_wx"] = account.worker
    elif account.invitation is not None:
        invitation = account.invitation
        described["invite_wx"] = invitation.wechat_id
        described["invite_expire_time"] = invitation.ends
        described["invite_status"] = invitation.status(now)
    return described
