"""What surrounds every page: area, navigation, hats, banners. Handed to templates as `shell`."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, request, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from portal.kernel import clock
from portal.reports.brand_queries import Waiting, waiting
from portal.sending_stops import queries as stops
from portal.web.reply import is_htmx

FILLING = "still-filling"  # a file in a demo’s data folder while its story is told
Item = tuple[str, str, str]  # label, icon, endpoint

BRAND_NAV: tuple[tuple[str | None, tuple[Item, ...]], ...] = (
    (None, (("Home", "house", "reports_brand.home"),)),
    ("People", (("Applications", "inbox", "applications_brand.inbox"),
                ("Ambassadors", "users", "reports_brand.roster"),
                ("Rewards", "gift", "rewards_brand.rewards"))),
    ("Work", (("Briefs", "clipboard-list", "briefs_brand.briefs"),
              ("Content review", "message-square-text", "briefs_brand.review_queue"))),
    ("Sales", (("Orders", "shopping-bag", "reports_orders.orders"),
               ("Codes", "ticket-percent", "reports_codes.codes"),
               ("Links", "link", "reports_brand_links.links"),
               ("Appeals", "scale", "appeals_brand.appeals"),
               ("Flags", "flag", "flags_brand.flags"))),
    ("Setup", (("Shops", "store", "integrations_brand.shops"),
               ("Program", "settings-2", "programs_brand.settings"),
               ("Bonuses", "star", "bonuses_brand.bonuses"),
               ("Recruiting", "user-plus", "referrals_brand.recruiting"),
               ("Team", "user-cog", "identity_brand.team"),
               ("API keys", "key", "api_brand.keys"),
               ("Webhooks", "webhook", "webhooks_brand.endpoints"))),
)  # fmt: skip
FINANCE_NAV: tuple[tuple[str | None, tuple[Item, ...]], ...] = (
    (None, (("Overview", "house", "reports_finance.home"),)),
    ("Pay", (("Runs", "stamp", "payouts_finance.runs"),
             ("Payees", "users", "payees_finance.payees"),
             ("Payment files", "file-down", "files_finance.files"),
             ("Reconciliation", "search-check", "reconciliation_finance.reconciliation"),
             ("How you pay", "calendar-days", "paying_finance.settings"),
             ("Commissions", "book-open-text", "reports_commissions.commissions"),
             ("Statements", "receipt-text", "statements_finance.statements"),
             ("Invoices", "file-text", "invoices_finance.invoices"),
             ("Adjustments", "equal-approximately", "books_adjustments.adjustments"),
             ("Exceptions", "triangle-alert", "exceptions_finance.exceptions"),
             ("Tax forms", "file-text", "tax_finance.forms"),
             ("Appeals", "scale", "appeals_finance.appeals"),
             ("Orders", "shopping-bag", "decisions_finance.orders"))),
    ("Books", (("Balances", "hand-coins", "books_negative.balances"),
               ("Forecast", "chart-line", "books_negative.forecast"),
               ("Journal", "landmark", "books_journal.journal"),
               ("Changes", "user-check", "proposals_finance.changes"),
               ("Audit trail", "scroll-text", "reports_finance_audit.entries"),
               ("Settings", "settings-2", "limits_finance.settings"))),
)  # fmt: skip
OPERATOR_NAV: tuple[tuple[str | None, tuple[Item, ...]], ...] = (
    (None, (("Overview", "house", "reports_operator.home"),)),
    ("People", (("People", "users", "factors_operator.people"),
                ("Tax figures", "file-text", "tax_operator.rules"))),
    ("Machinery", (("Sending", "send", "payouts_operator.sending"),
                   ("Jobs", "cog", "identity_operator.jobs"),
                   ("Webhooks", "webhook", "integrations_operator.webhooks"),
                   ("Audit trail", "scroll-text", "reports_audit.entries"))),
)  # fmt: skip
# Pages on which finance reads that the operator stopped sending.
SENDING_PAGES = {"reports_finance", "payouts_finance", "files_finance"}
COUNTED = {
    "applications_brand.inbox": "applications", "briefs_brand.review_queue": "content",
    "appeals_brand.appeals": "appeals", "flags_brand.flags": "flags",
    "reports_orders.orders": "undecided_orders",
}  # fmt: skip
CREATOR_TABS: tuple[Item, ...] = (
    ("Home", "house", "reports_creator.home"),
    ("Briefs", "clipboard-list", "briefs_creator.briefs"),
    ("Earnings", "receipt-text", "reports_creator.earnings"),
    ("Links", "link", "reports_links.links"),
    ("Me", "circle-user", "creators_creator.me"),
)
CREATOR_NAV: tuple[tuple[str | None, tuple[Item, ...]], ...] = (
    (None, CREATOR_TABS[:4]),
    ("Me", (("Programs", "badge-check", "applications_creator.programs"),
            ("Bonuses", "star", "bonuses_creator.bonuses"),
            ("Your recruits", "user-plus", "referrals_creator.recruits"),
            ("Payouts", "wallet", "payouts_creator.payouts"),
            ("Rewards", "gift", "rewards_creator.rewards"),
            ("Statements", "receipt-text", "statements_creator.statements"),
            ("Invoices", "file-text", "invoices_creator.invoices"),
            ("Tax form", "file-text", "tax_creator.overview"),
            ("Appeals", "scale", "appeals_creator.appeals"),
            ("Profile", "circle-user", "creators_creator.me"))),
)  # fmt: skip


@dataclass
class Shell:
    """Finished values for the layouts (templates/layouts); nothing here queries while rendering."""

    area: str
    area_label: str
    brand_name: str | None = None
    brand_initial: str | None = None
    brand_slug: str | None = None
    nav: list[dict[str, Any]] = field(default_factory=list)
    tabs: list[dict[str, Any]] = field(default_factory=list)
    person: dict[str, str] | None = None
    hats: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, str]] = field(default_factory=list)
    test_mode: bool = False
    demo: bool = False
    demo_offset: str | None = None
    demo_is_filling: bool = False
    theme: str = "system"
    sign_in_url: str = ""
    sign_out_url: str = ""
    csrf: str = ""
    notices_url: str | None = None
    theme_css: str | None = None
    waiting: Waiting | None = None


def install(app: Flask) -> None:
    """Give every template its `shell`."""
    app.context_processor(lambda: {"shell": build()})


def build() -> Shell:
    """The shell of the current request."""
    area, settings = _area(), current_app.config["PORTAL"]
    shell = Shell(
        area=area,
        area_label=area.capitalize(),
        test_mode=settings.demo or settings.stripe_secret_key.startswith("sk_test_"),
        demo=settings.demo,
        demo_offset=_offset_words(),
        demo_is_filling=settings.demo and (settings.data / FILLING).exists(),
        theme=_theme(),
        messages=_messages(),
        sign_in_url=_link("identity_public.sign_in"),
        sign_out_url=_link("identity_public.sign_out"),
        csrf=generate_csrf(),
    )  # fmt: skip
    if current_user and current_user.is_authenticated:
        _dress(shell)
    if "tenant" in g:
        _show_tenant(shell)
    if shell.nav and request.blueprint in SENDING_PAGES and not is_htmx():
        stopped = stops.words()
        shell.messages += [{"tone": "danger", "text": stopped}] if stopped else []
    return shell


def _show_tenant(shell: Shell) -> None:
    """A program's own pages carry its brand's name and colour: its doors set `g.tenant`, a dict
    with name and theme_css."""
    shell.brand_name, shell.theme_css = g.tenant["name"], g.tenant["theme_css"]
    shell.brand_initial = shell.brand_name[:1].upper()


def _messages() -> list[dict[str, str]]:
    return [{"tone": one[0], "text": one[1]} for one in get_flashed_messages(with_categories=True)]


def _dress(shell: Shell) -> None:
    hats = current_user.hats
    shell.person = {"name": current_user.name, "initials": initials(current_user.name)}
    brand_id = (request.view_args or {}).get("brand_id")
    worn = next((hat for hat in hats if hat.brand_id == brand_id), None)
    if worn is not None:
        shell.brand_name, shell.brand_slug = worn.brand_name, worn.brand_slug
        shell.brand_initial = worn.brand_name[:1].upper()
        shell.area_label = f"{worn.brand_name} {shell.area}"
        shell.theme_css = _link("reports_brand.theme", brand_id=worn.brand_slug) or None
        # What htmx swaps in stands beside the navigation, not round it.
        if shell.area == "brand" and not is_htmx():
            shell.waiting = waiting(worn.brand_id)
    shell.hats = _hats(hats, shell.area, brand_id)
    groups = {
        "brand": BRAND_NAV,
        "finance": FINANCE_NAV,
        "operator": OPERATOR_NAV,
        "creator": CREATOR_NAV,
    }
    # A stranger's 404 inside a brand's area has no brand to link into.
    is_lost = worn is None and shell.area in ("brand", "finance")
    shell.nav = [
        {"label": label, "items": _items(items, worn, shell.waiting)}
        for label, items in (() if is_lost else groups.get(shell.area, ()))
    ]
    if shell.area == "creator":
        shell.tabs, shell.theme_css = _tabs(), _link("reports_creator.brands_css") or None


def _items(
    items: tuple[Item, ...], worn: Any, waits: Waiting | None = None
) -> list[dict[str, Any]]:
    values = {"brand_id": worn.brand_slug} if worn is not None else {}
    made = []
    for label, icon, endpoint in items:
        href = _link(endpoint, **values)
        if href:
            kind = COUNTED.get(endpoint, "") if waits else ""
            made.append({"label": label, "icon": icon, "href": href, "kind": kind,
                         "count": getattr(waits, kind) if kind else None,
                         "current": _is_current(endpoint, href)})  # fmt: skip
    return made


def _tabs() -> list[dict[str, Any]]:
    """The creator's tabs; what has none of its own (programs, payouts) stands under "Me"."""
    tabs = _items(CREATOR_TABS, None)
    if tabs and not any(tab["current"] for tab in tabs):
        tabs[-1]["current"] = True
    return tabs


def _is_current(endpoint: str, href: str) -> bool:
    if request.endpoint == endpoint:
        return True
    is_home = endpoint.endswith(".home")
    return not is_home and (request.path == href or request.path.startswith(f"{href.rstrip('/')}/"))


def _hats(hats: list[Any], area: str, brand_id: int | None) -> list[dict[str, Any]]:
    found: list[tuple[str, str, bool]] = []
    if getattr(current_user, "creator_id", None):
        found.append(("Creator", _link("reports_creator.home"), area == "creator"))
    for hat in hats:
        for kind in ("brand", "finance"):
            if any(name.startswith(f"{kind}.") for name in hat.capabilities):
                href = _link(f"reports_{kind}.home", brand_id=hat.brand_slug)
                here = hat.brand_id == brand_id and area == kind
                found.append((f"{hat.brand_name} {kind}", href, here))
    if current_user.is_operator:
        found.append(("Operator", _link("reports_operator.home"), area == "operator"))
    return [{"label": label, "href": href, "current": here} for label, href, here in found if href]


def _area() -> str:
    head = request.path.split("/", 2)[1]
    return head if head in ("creator", "brand", "finance", "operator") else "public"


def _link(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def _theme() -> str:
    chosen = request.cookies.get("theme", "system")
    return chosen if chosen in ("light", "dark") else "system"


def _offset_words() -> str | None:
    days = clock.demo_offset().days
    return f"+{days} days" if days else None


def initials(name: str) -> str:
    """Two letters for an avatar: "Maya Lopez" → "ML"."""
    words = name.split() or ["?"]
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()
