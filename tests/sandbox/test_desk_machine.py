"""The client, the local WeChat and its pushes, against a model of the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.sandbox.desk_model import INVITATION, SOMEBODY, Kf, Model
from tests.sandbox.platform import BEGAN, still
from tests.sandbox.scene import Scene
from wxoa import errors, events, replies
from wxoa.catalog import CATALOG
from wxoa.kf_message import Text, TypingCommand
from wxoa.kf_record import Record
from wxruntime.sandbox.admin import AdminError

DESK = ("sara@acme", "bo@acme", "li 李&co@acme")
NEW = ("sara@acme", "bo@acme", "new_1@acme", "no good@acme")
CUSTOMERS = ("o6_ann", "o6_cho+/=#", "o6_客户")
TRIGGER_OF = {"CLICK": "menu", "subscribe": "subscribe"}
"""Event → the trigger it reports."""
DAY = 86400
BEIJING = 8 * 3600

accounts = st.sampled_from(("sara@acme", "sara@acme", "bo@acme", "li 李&co@acme", "new_1@acme"))
customers = st.sampled_from(CUSTOMERS)
nicknames = st.sampled_from(("Sara", "客服 Bo", "a name of seventeen"))
wechat_ids = st.sampled_from(("wx_one", "wx_two"))
words = st.sampled_from(("hello", "您好 ]]>", "…"))


def _allowed(refused: int, act: Callable[[], object]) -> bool:
    """Act, and return whether it succeeded; a refusal must have the expected code."""
    if not refused:
        act()
        return True
    with pytest.raises((AdminError, errors.ApiError)) as caught:
        act()
    assert isinstance(caught.value, (AdminError, errors.ApiError))
    assert caught.value.code == refused
    return False


def _told(records: list[Record]) -> list[tuple[int, str, int, str, str]]:
    return [(r.time, r.openid, int(r.oper_code), r.text, r.worker) for r in records]


class DeskMachine(RuleBasedStateMachine):
    """Does everything a desk allows, in any order, and compares every answer and every push.

    The local WeChat's time stands still but for what the machine lets pass, so the times are
    compared as well.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene(still)
        self.model = Model(BEGAN)

    def teardown(self) -> None:
        """Check that no unexpected push has come, and stop the servers."""
        self.scene.close()
        assert self.scene.pushed.empty()

    @initialize(busy=st.booleans())
    def begin(self, busy: bool) -> None:
        """The desk is empty, or two customers are served already."""
        if busy:
            for account in DESK[:2]:
                self.put_account(account, online=True, bound=True)
            for customer in CUSTOMERS[:2]:
                self.write(customer, "hello", pushed=False)
                self.create(customer, DESK[0], None)

    # Accounts.

    @rule(
        account=st.sampled_from(DESK),
        online=st.booleans(),
        bound=st.sampled_from([True, True, False]),
    )
    def put_account(self, account: str, online: bool, bound: bool) -> None:
        """An account is added, goes online or offline, or is bound or unbound."""
        self.scene.admin.put_account(account, online=online, bound=bound)
        kf = self.model.accounts.setdefault(account, Kf(account.partition("@")[0]))
        kf.online = online and bound
        if not bound:
            kf.worker = ""
        elif not kf.worker:
            kf.worker, kf.invited = SOMEBODY, ""

    @rule(account=st.sampled_from(NEW), nickname=nicknames)
    def add(self, account: str, nickname: str) -> None:
        """The client adds an account."""
        refused = self.model.refusal_to_add(account, nickname)
        if _allowed(refused, lambda: self.scene.client.kf_account.add(account, nickname)):
            self.model.accounts[account] = Kf(nickname)

    @rule(account=accounts, nickname=nicknames)
    def update(self, account: str, nickname: str) -> None:
        """The client changes the nickname of an account."""
        model = self.model
        refused = 65401 if account not in model.accounts else 65403 * (len(nickname) > 16)
        if _allowed(refused, lambda: self.scene.client.kf_account.update(account, nickname)):
            model.accounts[account].nickname = nickname

    @rule(account=accounts)
    def delete(self, account: str) -> None:
        """The client deletes an account, and its conversations end."""
        model = self.model
        refused = 65401 * (account not in model.accounts)
        if _allowed(refused, lambda: self.scene.client.kf_account.delete(account)):
            del model.accounts[account]
            left = {customer for customer, served in model.served.items() if served == account}
            self._all_over(left, dict.fromkeys(left, model.clock))

    @rule(account=accounts, wechat_id=wechat_ids)
    def invite(self, account: str, wechat_id: str) -> None:
        """The client invites a WeChat user to serve under an account."""
        model, staff = self.model, self.scene.client.kf_account
        refused = model.refusal_to_invite(account, wechat_id)
        if _allowed(refused, lambda: staff.invite_worker(account, wechat_id)):
            kf = model.accounts[account]
            kf.invited, kf.rejected = wechat_id, False
            kf.invited_until = model.clock + INVITATION

    @rule(account=accounts, agreed=st.sampled_from([True, True, False]))
    def answer_invitation(self, account: str, agreed: bool) -> None:
        """An invited user accepts or rejects the invitation."""
        admin, kf = self.scene.admin, self.model.accounts.get(account)
        answer = admin.accept_invitation if agreed else admin.reject_invitation
        if kf is None or kf.status(self.model.clock) != "waiting":
            with pytest.raises(AdminError) as caught:
                answer(account)
            assert caught.value.code == 65401 * (kf is None)
            return
        answer(account)
        if agreed:
            kf.worker, kf.invited = kf.invited, ""
        else:
            kf.rejected = True

    @rule(account=accounts, online=st.sampled_from([True, True, False]))
    def come_or_go(self, account: str, online: bool) -> None:
        """The agent of an account comes online, or goes offline."""
        admin, kf = self.scene.admin, self.model.accounts.get(account)
        act = admin.go_online if online else admin.go_offline
        refused = 65401 if kf is None else 65402 * (not kf.worker)
        if _allowed(refused, lambda: act(account)):
            self.model.accounts[account].online = online

    @rule()
    def list_accounts(self) -> None:
        """The client lists the accounts, and those that are online."""
        model = self.model
        infos = self.scene.client.kf_account.list()
        online = self.scene.client.kf_account.list_online()

        assert [info.kf_account for info in infos] == [*model.accounts]
        assert len({info.kf_id for info in infos}) == len(infos)
        for info, kf in zip(infos, model.accounts.values(), strict=True):
            assert info.kf_nick == kf.nickname
            assert (info.kf_wx is not None) == bool(kf.worker)
            assert kf.worker in ("", SOMEBODY, info.kf_wx)
            assert (info.invite_wx or "", info.invite_status) == (
                kf.invited,
                kf.status(model.clock),
            )
            if kf.invited:
                assert info.invite_expire_time == kf.invited_until
        assert [(info.kf_account, info.accepted_case) for info in online] == [*model.busy()]

    # What agents and customers do.

    @rule(customer=customers, text=words, pushed=st.booleans())
    def write(self, customer: str, text: str, pushed: bool) -> None:
        """A customer writes: to the desk, where they wait, or to the account, with a push."""
        model = self.model
        if pushed:
            number = self.scene.admin.send_message(customer, content=text)
            self.scene.admin.wait_for_delivery(number)
        else:
            self.scene.admin.write(customer, text)
        model.customer(customer).act("message", model.clock)
        if customer in model.served:
            model.touched[customer] = model.clock
            model.note(customer, 2003, text, model.served[customer])
            return
        model.note(customer, 2001, text)
        if pushed:
            message = self._pushed()
            assert isinstance(message, events.TextMessage)
            assert (message.from_user_name, message.content) == (customer, text)
        elif customer not in model.waiting:
            model.waiting.append(customer)

    @rule(customer=customers, event=st.sampled_from(["CLICK", "subscribe", "VIEW", "unsubscribe"]))
    def do_something_else(self, customer: str, event: str) -> None:
        """A customer clicks, follows or unfollows, and the event is pushed."""
        model, admin = self.model, self.scene.admin
        person = model.customer(customer)
        push = admin.push_event(event, customer, {"EventKey": "k"})
        if event in TRIGGER_OF:
            person.act(TRIGGER_OF[event], model.clock)
        elif event == "unsubscribe":
            person.leave()
        assert admin.wait_for_delivery(push).answered_on == 1
        self._pushed()

    @rule(customer=customers, text=words)
    def choose_from_a_menu(self, customer: str, text: str) -> None:
        """A customer chooses an entry of a menu message, which allows fewer messages than text."""
        model, admin = self.model, self.scene.admin
        admin.wait_for_delivery(admin.send_message(customer, content=text, menu_id="7"))
        model.customer(customer).act("menu", model.clock)
        if customer in model.served:
            model.touched[customer] = model.clock
            model.note(customer, 2003, text, model.served[customer])
        else:
            model.note(customer, 2001, text)
            self._pushed()

    @rule(customer=customers, text=words)
    def hand_over(self, customer: str, text: str) -> None:
        """The callback transfers a customer who writes; if no agent serves them, they wait."""
        self.scene.reply = replies.TransferCustomerServiceReply()
        self.write(customer, text, pushed=True)
        self.scene.reply = None
        if customer not in self.model.served and customer not in self.model.waiting:
            self.model.waiting.append(customer)

    @rule(customer=customers, what=st.sampled_from(["CLICK", "bind", "device_text"]))
    def hand_over_in_vain(self, customer: str, what: str) -> None:
        """A transfer in reply to an event or a device is a problem and does not change the desk."""
        model, admin = self.model, self.scene.admin
        self.scene.reply = replies.TransferCustomerServiceReply()
        if what in CATALOG.events:
            number = admin.push_event(what, customer, {"EventKey": "k"})
        else:
            number = admin.send_message(customer, what)
        assert "got it in reply to an event or" in admin.wait_for_delivery(number).problem
        self.scene.reply = None
        person = model.customer(customer)
        if what in TRIGGER_OF:
            person.act(TRIGGER_OF[what], model.clock)
        self._pushed()

    @rule(customer=customers, account=accounts)
    def agent_accepts(self, customer: str, account: str) -> None:
        """An agent takes a customer over by hand."""
        refused = self.model.refusal_to_create(customer, account)
        if _allowed(refused, lambda: self.scene.admin.accept(customer, account)):
            self._opened(customer, account)

    @rule(customer=customers, account=accounts)
    def agent_transfers(self, customer: str, account: str) -> None:
        """An agent transfers a customer to another account."""
        model = self.model
        refused = 65413 if customer not in model.served else model.refusal_to_serve(account)
        if not _allowed(refused, lambda: self.scene.admin.transfer(customer, account)):
            return
        served = model.served[customer]
        if served != account:
            model.served[customer], model.touched[customer] = account, model.clock
            model.note(customer, 1003, account=account)
            time = model.clock
            event = self._pushed()
            assert isinstance(event, events.KfSwitchSessionEvent)
            assert (event.from_user_name, event.from_kf_account, event.to_kf_account) == (
                customer,
                served,
                account,
            )
            assert event.create_time == time

    @rule(customer=customers, account=accounts, text=words)
    def agent_says(self, customer: str, account: str, text: str) -> None:
        """An agent writes to the customer whom they serve."""
        model = self.model
        refused = model.refusal_to_act_in(customer, account)
        if _allowed(refused, lambda: self.scene.admin.say(customer, account, text)):
            model.touched[customer] = model.clock
            model.customer(customer).receive(model.clock, account, text)
            model.note(customer, 2002, text, account)

    # What the client does.

    @rule(
        customer=customers,
        first=st.sampled_from([None, "CLICK", "subscribe"]),
        later=st.sampled_from([0, 58, 59]),
        sender=st.just("") | accounts,
        text=words,
        times=st.sampled_from([1, 4]),
    )
    def send(
        self, customer: str, first: str | None, later: int, sender: str, text: str, times: int
    ) -> None:
        """The client sends messages, in the name of the account or of one of its agents."""
        model, messages = self.model, self.scene.client.kf_message
        if first is not None:
            self.do_something_else(customer, first)
        self._pass(later)
        for _ in range(times):
            refused = model.refusal_to_send(customer, sender)
            if not _allowed(refused, lambda: messages.send(customer, Text(text), sender or None)):
                break
            person = model.customer(customer)
            next(window for window in person.open(model.clock) if window[0])[0] -= 1
            person.receive(model.clock, sender, text)
            model.note(customer, 2002, text, sender)
            if model.served.get(customer) == sender:
                model.touched[customer] = model.clock
        self.look_at_chat(customer)

    @rule(
        customer=customers,
        first=st.booleans(),
        later=st.sampled_from([0, 30, 31]),
        pause=st.sampled_from([14, 15]),
    )
    def type(self, customer: str, first: bool, later: int, pause: int) -> None:
        """The client shows the typing indicator, and shows it once more."""
        model = self.model
        if first:
            self.write(customer, "hello", pushed=False)
        for seconds in (later, pause):
            self._pass(seconds)
            refused = model.refusal_to_type(customer)
            if _allowed(refused, lambda: self.scene.client.kf_message.typing(customer)):
                model.customer(customer).typing_until = model.clock + 15

    @rule(customer=customers)
    def stop_typing(self, customer: str) -> None:
        """The client ends the typing indicator."""
        refused = 40003 * (customer not in self.model.customers)
        cancel = TypingCommand.CANCEL
        if _allowed(refused, lambda: self.scene.client.kf_message.typing(customer, cancel)):
            self.model.customer(customer).typing_until = 0

    @rule(customer=customers)
    def look_at_chat(self, customer: str) -> None:
        """A customer sees the messages, and whether the typing indicator is shown."""
        model = self.model
        chat = self.scene.admin.chat(customer)
        seen = [(m.time, m.kf_account, m.content["content"]) for m in chat.messages]
        person = model.customers.get(customer)

        if person is None:
            assert (seen, chat.typing, chat.allowance) == ([], False, 0)
        else:
            assert seen == person.chat
            assert chat.typing == (model.clock < person.typing_until)
            assert chat.allowance == sum(left for left, _ in person.open(model.clock))

    @rule(number=st.sampled_from([3, 10_000]))
    def list_what_was_said(self, number: int) -> None:
        """The client reads all messages since the start, over days and pages."""
        model = self.model
        records = [*self.scene.client.kf_record.iterate(BEGAN, model.clock, number)]

        assert _told(records) == [entry for entry in model.transcript if entry[2] in (2002, 2003)]

    @rule(customer=st.none() | customers, size=st.sampled_from([7, 50]))
    def list_what_happened(self, customer: str | None, size: int) -> None:
        """The client reads all records of today, page by page."""
        model = self.model
        start = model.clock - (model.clock + BEIJING) % DAY
        records: list[Record] = []
        for index in range(1, 100):
            page = self.scene.client.kf_record.get_record(
                start, model.clock, index, size, openid=customer
            )
            records += page
            if len(page) < size:
                break

        # Those that ended at once were written down in some order of their own.
        assert sorted(_told(records)) == sorted(
            entry
            for entry in model.transcript
            if start <= entry[0] and customer in (None, entry[1])
        )
        assert [r.time for r in records] == sorted(r.time for r in records)

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
        model = self.model
        refused = model.refusal_to_act_in(customer, account)
        desk = self.scene.client.kf_session
        if _allowed(refused, lambda: desk.close(customer, account)):
            self._all_over({customer}, {customer: model.clock})

    @rule(customer=customers)
    def get(self, customer: str) -> None:
        """The client asks who serves a customer."""
        try:
            session = self.scene.client.kf_session.get(customer)
        except errors.InvalidOpenid:
            assert customer not in self.model.customers
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
            assert account not in self.model.accounts
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
        assert all(case.latest_time >= BEGAN for case in queue.items)

    # What happens to both.

    @rule()
    def revoke_token(self) -> None:
        """Another caller forces a new token; later calls succeed all the same."""
        self.scene.admin.revoke_token()

    @rule(seconds=st.sampled_from([1, 14, 30, 59, 600, 1799, 8000, 90_000]))
    def advance(self, seconds: int) -> None:
        """Time passes: idle conversations end, and tokens expire."""
        self._pass(seconds)

    def _pass(self, seconds: int) -> None:
        """Advance the time, and expect the end of idle conversations."""
        model = self.model
        if not seconds:
            return
        self.scene.admin.advance(seconds)
        model.clock += seconds
        idle = model.idle()
        self._all_over(idle, {customer: model.touched[customer] + 1800 for customer in idle})

    def _pushed(self) -> events.Event:
        """Expect a push, and let a second pass, so that no two pushes are equal."""
        event = self.scene.next_event()
        self._pass(1)
        return event

    def _opened(self, customer: str, account: str) -> None:
        """Expect the push of a new conversation."""
        model = self.model
        if customer in model.served:
            return
        if customer in model.waiting:
            model.waiting.remove(customer)
        time = model.clock
        model.served[customer], model.touched[customer] = account, time
        model.note(customer, 1001, account=account)
        event = self._pushed()
        assert isinstance(event, events.KfCreateSessionEvent)
        assert (event.from_user_name, event.kf_account) == (customer, account)
        assert event.create_time == time

    def _all_over(self, left: set[str], times: dict[str, int]) -> None:
        """Expect the pushes of conversations that have ended."""
        model = self.model
        # The pushes of several customers overtake each other.
        for _ in sorted(left):
            event = self.scene.next_event()
            assert isinstance(event, events.KfCloseSessionEvent)
            customer = event.from_user_name
            assert event.create_time == times.pop(customer)
            assert event.kf_account == model.served.pop(customer)
            assert event.close_type is None
            del model.touched[customer]
            model.transcript.append((event.create_time, customer, 1004, "", event.kf_account))
        assert not times
        if left:
            self._pass(1)


TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(max_examples=40, stateful_step_count=40)
