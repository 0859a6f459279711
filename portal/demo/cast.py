"""The people a visitor can be, and the one brand they meet. All names are invented."""

from dataclasses import dataclass

from portal.identity.rules import needs_second_factor

BRAND_SLUG = "northlight"
BRAND_NAME = "Northlight Coffee"
PROGRAM_SLUG = "northlight"
ZONE = "America/New_York"
CURRENCY = "USD"
DOMAIN = "demo.example"
PASSWORD = "demo-demo-demo"  # noqa: S105 — everybody in a demo has it, and a demo has no secrets


@dataclass(frozen=True, slots=True)
class Role:
    """One card on the demo's home page."""

    key: str
    title: str
    name: str
    text: str
    capabilities: tuple[str, ...] = ()
    is_operator: bool = False

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@{DOMAIN}"

    @property
    def has_app(self) -> bool:
        """Whether her role needs a second factor; hers is an app whose codes the demo shows."""
        return self.is_operator or needs_second_factor(self.capabilities)


MAYA = Role("creator", "Creator", "Maya Lindqvist", "See what you earned and why, share a code.")
SAM = Role("reviewer", "Reviewer", "Sam Okafor", "Decide who joins, review content.",
           ("brand.reviewer",))  # fmt: skip
NOOR = Role("manager", "Brand manager", "Noor Haddad", "Run the program: people, briefs, orders.",
            ("brand.owner",))  # fmt: skip
DANA = Role("preparer", "Finance, prepares", "Dana Ruiz", "Check the month and submit the run.",
            ("finance.preparer",))  # fmt: skip
LEE = Role("approver", "Finance, approves", "Lee Park", "Be the second person: approve the run.",
           ("finance.approver",))  # fmt: skip
OPS = Role("operator", "Operator", "Robin Ops", "See that the machinery is healthy.",
           is_operator=True)  # fmt: skip

ROLES = (MAYA, SAM, NOOR, DANA, LEE, OPS)
STAFF = (SAM, NOOR, DANA, LEE)
BY_KEY = {role.key: role for role in ROLES}
