"""Playing agents."""

from __future__ import annotations

from wxruntime.sandbox.admin.connection import AdminConnection

__all__ = ["AgentActions"]


class AgentActions(AdminConnection):
    """Plays agents, and those who are to become agents."""

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
        """Say under how many other Official Accounts a WeChat user serves.

        Args:
            wechat_id: Their WeChat account.
            elsewhere: How many there are; with 5 or more, they cannot be invited.
        """
        self.ask("worker", wechat_id=wechat_id, elsewhere=elsewhere)

    def accept_invitation(self, kf_account: str) -> None:
        """Let whoever was invited agree to serve under an account; then they can come online.

        Raises:
            AdminError: If there is no such account, or no invitation that waits for an answer.
        """
        self.ask("accept-invitation", kf_account=kf_account)

    def reject_invitation(self, kf_account: str) -> None:
        """Let whoever was invited decline to serve under an account.

        Raises:
            AdminError: If there is no such account, or no invitation that waits for an answer.
        """
        self.ask("reject-invitation", kf_account=kf_account)

    def go_online(self, kf_account: str) -> None:
        """Let whoever serves under an account come online."""
        self.ask("online", kf_account=kf_account, on=True)

    def go_offline(self, kf_account: str) -> None:
        """Let whoever serves under an account go; their conversations go on until they are idle."""
        self.ask("online", kf_account=kf_account, on=False)

    def accept(self, openid: str, kf_account: str) -> None:
        """Let an agent take a customer over."""
        self.ask("accept", openid=openid, kf_account=kf_account)

    def transfer(self, openid: str, to_kf_account: str) -> None:
        """Let the agent who serves a customer hand them over."""
        self.ask("transfer", openid=openid, to_kf_account=to_kf_account)

    def say(self, openid: str, kf_account: str, content: str) -> None:
        """Let an agent write to the customer whom they serve, past every allowance.

        Args:
            openid: The customer.
            kf_account: Who writes.
            content: The text.
        """
        self.ask("say", openid=openid, kf_account=kf_account, content=content)

    def close_conversation(self, openid: str, kf_account: str) -> None:
        """Let an agent close a conversation."""
        self.ask("close", openid=openid, kf_account=kf_account)
