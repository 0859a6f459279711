"""The pages that Stripe would host: onboarding behind an account link, and the dashboard."""

from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template

from portal.demo.stripe_simulator import accounts
from portal.demo.stripe_simulator.refusals import JSON
from portal.demo.stripe_simulator.replies import Reply, as_page, redirect
from portal.demo.stripe_simulator.state import Store, unix_now

_FOLDER = Path(__file__).with_name("html")
_ONBOARDING, _DASHBOARD = "onboarding", "dashboard"


class HostedPages:
    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, method: str, path: str, asked: JSON) -> Reply:
        """`path` is what follows `/connect/`; `asked` the query of a GET, the form of a POST."""
        name, _, account_id = path.partition("/")
        if method == "GET" and path == "page.css":
            style = (_FOLDER / "page.css").read_bytes()
            return Reply(HTTPStatus.OK, style, {"Content-Type": "text/css; charset=utf-8"})
        account = self._store.get("accounts", account_id)
        if account is not None and name == _ONBOARDING:
            link = self._link(account_id, asked)
            if link is not None and method == "POST":
                return self._leave(link, account, asked.get("choice"))
            if link is not None:
                return self._onboarding(link, account)
        if account is not None and name == _DASHBOARD:
            return self._dashboard(account) if method == "GET" else self._change(account, asked)
        return _page("notice", HTTPStatus.NOT_FOUND)

    def _link(self, account_id: str, asked: JSON) -> JSON | None:
        """The newest account link made for this account and return address.

        Only addresses that the portal itself named are ever gone back to.
        """
        for link in reversed(self._store.rows("links")):
            if (link["account"], link["return_url"]) == (account_id, asked.get("return_url")):
                return dict(link)
        return None

    def _onboarding(self, link: JSON, account: JSON) -> Reply:
        if link["expires_at"] <= unix_now():
            return redirect(link["refresh_url"])
        name = "done" if accounts.is_payable(account) else _ONBOARDING
        return _page(
            name,
            account=account["id"],
            email=account["email"] or "the account holder",
            return_url=link["return_url"],
        )

    def _leave(self, link: JSON, account: JSON, choice: str | None) -> Reply:
        """Back to the portal; a second "finish" changes nothing."""
        if choice == "finish" and not accounts.is_payable(account):
            with self._store.change():
                accounts.onboard(self._store, account["id"])
        return redirect(link["return_url"])

    def _dashboard(self, account: JSON) -> Reply:
        banks = account["external_accounts"]["data"]
        received = [t for t in self._store.rows("transfers") if t["destination"] == account["id"]]
        return _page(
            _DASHBOARD,
            account=account["id"],
            email=account["email"] or "not given",
            payable="yes" if accounts.is_payable(account) else "not yet",
            transfers=str(len(received)),
            bank=f"{banks[0]['bank_name']}, ending in {banks[0]['last4']}" if banks else "none",
        )

    def _change(self, account: JSON, asked: JSON) -> Reply:
        """What the owner pressed, then the dashboard again."""
        if asked.get("choice") == "bank" and account["details_submitted"]:
            with self._store.change():
                accounts.change_bank(self._store, account["id"])
        return redirect(f"/connect/{_DASHBOARD}/{account['id']}")


def _page(name: str, status: int = HTTPStatus.OK, **values: str) -> Reply:
    template = Template((_FOLDER / f"{name}.html").read_text(encoding="utf-8"))
    return as_page(template.substitute({k: escape(v) for k, v in values.items()}), status)
