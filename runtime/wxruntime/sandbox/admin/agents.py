"""Acting for agents."""

from __future__ import annotations

from wxruntime.sandbox.admin.connection import AdminConnection

__all__ = ["AgentActions"]


class AgentActions(AdminConnection):
    """Acts for agents, and for WeChat users who are to become agents."""

    def put_account(self, kf_account: str, *, online: bool = True, bound: bool = True) -> None:
        """Add a customer-service account, or change one, without an invitation.

        Args:
            kf_account: The name of the account, such as `sara@acme`; any text will do.
            online: Whether the agent is online; an account without an agent is offline.
            bound: Whether an agent is bound to the account. If none is yet, a WeChat user whom no
                other account has or invites becomes the agent.

        Raises:
            AdminError: If the account is new and there are 100 accounts already (65405).
        """
        self.ask("account", kf_account=kf_account, online=online, bound=bound)

    def put_worker(self, wechat_id: str, *, elsewhere: int) -> None:
        """Set how many other Official Accounts a WeChat user serves.

        Args:
            wechat_id: The WeChat ID of the user.
            elsewhere: The number of other Official Accounts; with 5 or more, an invitation of the
                user is refused (65410).
        """
        self.ask("worker", wechat_id=wechat_id, elsewhere=elsewhere)

    def accept_invitation(self, kf_account: str) -> None:
        """Accept the invitation of an account, as the invited user; then they can come online.

        Args:
            kf_account: The account that has the invitation.

        Raises:
            AdminError: If the account does not exist, or has no open invitation.
        """
        self.ask("accept-invitation", kf_account=kf_account)

    def reject_invitation(self, kf_account: str) -> None:
        """Reject the invitation of an account, as the invited user.

        Args:
            kf_account: The account that has the invitation.

        Raises:
            AdminError: If the account does not exist, or has no open invitation.
        """
        self.ask("reject-invitation", kf_account=kf_account)

    def go_online(self, kf_account: str) -> None:
        """Bring the agent of an account online.

        Raises:
            AdminError: If the account does not exist, or no agent is bound to it.
        """
        self.ask("online", kf_account=kf_account, on=True)

    def go_offline(self, kf_account: str) -> None:
        """Take the agent of an account offline; conversations stay open until they are idle.

        Raises:
            AdminError: If the account does not exist, or no agent is bound to it.
        """
        self.ask("online", kf_account=kf_account, on=False)

    def accept(self, openid: str, kf_account: str) -> None:
        """Take a customer over, as an agent.

        Args:
            openid: The customer.
            kf_account: The account of the agent.

        Raises:
            AdminError: If the agent cannot serve now, the customer is unknown, or another agent
                serves the customer.
        """
        self.ask("accept", openid=openid, kf_account=kf_account)

    def transfer(self, openid: str, to_kf_account: str) -> None:
        """Transfer a customer to another account, as the agent who serves them.

        Args:
            openid: The customer.
            to_kf_account: The account that is to serve the customer.

        Raises:
            AdminError: If nobody serves the customer, or the other account cannot.
        """
        self.ask("transfer", openid=openid, to_kf_account=to_kf_account)

    def say(self, openid: str, kf_account: str, content: str) -> None:
        """Write to a customer, as the agent who serves them.

        The message allowance limits API calls only; an agent writing by hand is not limited.

        Args:
            openid: The customer.
            kf_account: The account of the agent.
            content: The text.

        Raises:
            AdminError: If the agent does not serve the customer.
        """
        self.ask("say", openid=openid, kf_account=kf_account, content=content)

    def close_conversation(self, openid: str, kf_account: str) -> None:
        """Close a conversation, as the agent who serves the customer.

        Args:
            openid: The customer.
            kf_account: The account of the agent.

        Raises:
            AdminError: If the agent does not serve the customer.
        """
        self.ask("close", openid=openid, kf_account=kf_account)
