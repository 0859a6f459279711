"""Every room with tables, and every file of doors, in the order of ARCHITECTURE.md’s picture."""

MODELS = (
    "audit", "ledger", "jobs", "identity", "programs", "creators", "ambassadors", "tracking",
    "sales", "applications", "briefs", "attribution", "commissions", "payouts", "notifications",
    "integrations",
)  # fmt: skip
DOORS = (
    "identity.public_routes",
    "identity.person_routes",
    "identity.invited_routes",
    "identity.brand_routes",
    "identity.operator_routes",
    "programs.public_routes",
    "programs.brand_routes",
    "creators.creator_routes",
    "tracking.public_routes",
    "tracking.creator_routes",
    "tracking.brand_routes",
    "applications.public_routes",
    "applications.brand_routes",
    "applications.creator_routes",
    "briefs.creator_routes",
    "briefs.brand_routes",
    "commissions.finance_routes",
    "payouts.creator_routes",
    "payouts.finance_routes",
    "reports.public_routes",
    "reports.creator_routes",
    "reports.brand_routes",
    "reports.brand_order_routes",
    "reports.brand_code_routes",
    "reports.creator_link_routes",
    "reports.finance_routes",
    "reports.operator_routes",
    "integrations.hook_routes",
    "integrations.operator_routes",
)
DEMO_DOORS = ("demo.routes",)
