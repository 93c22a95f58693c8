"""The client, the local WeChat and its pushes, against a model of the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.sandbox.scene import Scene
from wxoa import errors, events
from wxruntime.sandbox.admin import AdminError

ACCOUNTS = ("sara@acme", "bo@acme", "li 李&co@acme")
CUSTOMERS = ("o6_ann", "o6_ben", "o6_cho+/=#", "o6_客户")
IDLE_LIMIT = 1800

accounts = st.sampled_from((*ACCOUNTS, "nobody@acme"))
customers = st.sampled_from(CUSTOMERS)


@define
class Model:
    """What the desk should hold."""

    online: dict[str, bool] = field(factory=dict[str, bool])
    bound: dict[str, bool] = field(factory=dict[str, bool])
    known: set[str] = field(factory=set[str])
    waiting: list[str] = field(factory=list[str])
    served: dict[str, str] = field(factory=dict[str, str])
    touched: dict[str, int] = field(factory=dict[str, int])
    clock: int = 0

    def refusal_to_serve(self, account: str) -> int:
        """Return the code with which an account cannot serve; 0 when it can."""
        if account not in self.online:
            return 65401
        if not self.bound[account]:
            return 65402
        return 0 if self.online[account] else 65415

    def refusal_to_create(self, customer: str, account: str) -> int:
        """Return the code with which a conversation is not opened; 0 when it is."""
        if account in self.online and self.served.get(customer) == account:
            return 0
        if refused := self.refusal_to_serve(account):
            return refused
        if customer not in self.known:
            return 40003
        return 65414 if customer in self.served else 0

    def refusal_to_close(self, customer: str, account: str) -> int:
        """Return the code with which a conversation is not closed; 0 when it is."""
        if account not in self.online:
            return 65401
        if customer not in self.known:
            return 40003
        if customer not in self.served:
            return 65413
        return 0 if self.served[customer] == account else 65414


def _allowed(refused: int, act: Callable[[], None]) -> bool:
    """Act, and return whether it happened; a refusal must come with the code that is expected."""
    if not refused:
        act()
        return True
    with pytest.raises((AdminError, errors.BY_CODE[refused])) as caught:
        act()
    assert isinstance(caught.value, (AdminError, errors.ApiError))
    assert caught.value.code == refused
    return False


class DeskMachine(RuleBasedStateMachine):
    """Does everything a desk allows, in any order, and compares every answer and every push."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene()
        self.model = Model()

    def teardown(self) -> None:
        """Look for pushes that nobody expected, and stop the servers."""
        self.scene.close()
        assert self.scene.pushed.empty()

    # What agents and customers do.

    @rule(
        account=st.sampled_from(ACCOUNTS),
        online=st.booleans(),
        bound=st.sampled_from([True, True, False]),
    )
    def put_account(self, account: str, online: bool, bound: bool) -> None:
        """An account appears, goes online or offline, is bound or not."""
        self.scene.admin.put_account(account, online=online, bound=bound)
        self.model.online[account], self.model.bound[account] = online, bound

    @rule(customer=customers)
    def write(self, customer: str) -> None:
        """A customer writes, and waits unless somebody serves them."""
        model = self.model
        self.scene.admin.write(customer)
        model.known.add(customer)
        if customer in model.served:
            model.touched[customer] = model.clock
        elif customer not in model.waiting:
            model.waiting.append(customer)

    @rule(customer=customers, account=accounts)
    def agent_accepts(self, customer: str, account: str) -> None:
        """An agent takes a customer over in the agent's own program."""
        refused = self.model.refusal_to_create(customer, account)
        if _allowed(refused, lambda: self.scene.admin.accept(customer, account)):
            self._opened(customer, account)

    @rule(customer=customers, account=accounts)
    def agent_transfers(self, customer: str, account: str) -> None:
        """An agent hands a customer over."""
        model = self.model
        refused = 65413 if customer not in model.served else model.refusal_to_serve(account)
        if not _allowed(refused, lambda: self.scene.admin.transfer(customer, account)):
            return
        served = model.served[customer]
        if served != account:
            model.served[customer], model.touched[customer] = account, model.clock
            event = self.scene.next_event()
            assert isinstance(event, events.KfSwitchSessionEvent)
            assert (event.from_user_name, event.from_kf_account, event.to_kf_account) == (
                customer,
                served,
                account,
            )

    # What the client does.

    @rule(customer=customers, account=accounts, text=st.none() | st.text(max_size=5))
    def create(self, customer: str, account: str, text: str | None) -> None:
        """The client opens a conversation."""
        refused = self.model.refusal_to_create(customer, account)
        desk = self.scene.client.kf_session
        if _allowed(refused, lambda: desk.create(customer, account, text)):
            self._opened(customer, account)

    @rule(customer=customers, account=accounts)
    def close(self, customer: str, account: str) -> None:
        """The client closes a conversation."""
        refused = self.model.refusal_to_close(customer, account)
        desk = self.scene.client.kf_session
        if _allowed(refused, lambda: desk.close(customer, account)):
            self._ended(customer)

    @rule(customer=customers)
    def get(self, customer: str) -> None:
        """The client asks who serves a customer."""
        try:
            session = self.scene.client.kf_session.get(customer)
        except errors.InvalidOpenid:
            assert customer not in self.model.known
        else:
            assert session.openid == customer
            assert session.kf_account == self.model.served.get(customer, "")
            assert (session.create_time == 0) == (customer not in self.model.served)
            assert session.unknown == {}

    @rule(account=accounts)
    def list(self, account: str) -> None:
        """The client lists an account's conversations."""
        try:
            sessions = self.scene.client.kf_session.list(account)
        except errors.InvalidKfAccount:
            assert account not in self.model.online
        else:
            assert [(s.openid, s.kf_account) for s in sessions] == [
                (customer, served)
                for customer, served in self.model.served.items()
                if served == account
            ]

    @rule()
    def wait_case_list(self) -> None:
        """The client lists the queue."""
        queue = self.scene.client.kf_session.wait_case_list()

        assert [case.openid for case in queue.items] == self.model.waiting
        assert queue.total_count == queue.item_count == len(self.model.waiting)
        assert all(case.latest_time > 0 for case in queue.items)

    # What happens to both.

    @rule()
    def revoke_token(self) -> None:
        """Somebody elsewhere forces a new token; no later call may notice."""
        self.scene.admin.revoke_token()

    @precondition(lambda self: self.model.known)
    @rule(seconds=st.sampled_from([600, 2000, 8000]))
    def advance(self, seconds: int) -> None:
        """Time passes: conversations in which nobody writes end, and tokens expire."""
        model = self.model
        self.scene.admin.advance(seconds)
        model.clock += seconds
        idle = {c for c, at in model.touched.items() if model.clock - at >= IDLE_LIMIT}
        # The pushes of several customers overtake each other.
        ended = [self._over() for _ in idle]
        assert {event.from_user_name for event in ended} == idle

    def _opened(self, customer: str, account: str) -> None:
        """Expect the push of a conversation that was not there before."""
        model = self.model
        if customer in model.served:
            return
        if customer in model.waiting:
            model.waiting.remove(customer)
        model.served[customer], model.touched[customer] = account, model.clock
        event = self.scene.next_event()
        assert isinstance(event, events.KfCreateSessionEvent)
        assert (event.from_user_name, event.kf_account) == (customer, account)

    def _ended(self, customer: str) -> None:
        """Expect the push of one customer's conversation that is over."""
        assert self._over().from_user_name == customer

    def _over(self) -> events.KfCloseSessionEvent:
        """Expect the push of any conversation that is over."""
        event = self.scene.next_event()
        assert isinstance(event, events.KfCloseSessionEvent)
        assert event.kf_account == self.model.served.pop(event.from_user_name)
        del self.model.touched[event.from_user_name]
        assert event.close_type is None
        return event


TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(max_examples=60, stateful_step_count=40)
