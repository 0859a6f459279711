"""The whole wiring of events: which room reacts to what. Read top to bottom: one order's story."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal.adjustments import subscribers as adjustments
from portal.adjustments.events import AdjustmentPosted, AdjustmentProposed
from portal.ambassadors.events import AgreementAccepted, AmbassadorEnded, AmbassadorEnrolled
from portal.appeals.events import (
    AppealAnswered,
    AppealDecided,
    AppealOpened,
    AppealOverdue,
    AppealPutForward,
)
from portal.applications.events import (
    ApplicationDecided,
    ApplicationInfoAsked,
    ApplicationSubmitted,
)
from portal.attribution import subscribers as attribution
from portal.attribution.events import OrderAttributed
from portal.bank_payouts.events import BankPayoutFailed
from portal.bonuses import subscribers as bonuses
from portal.briefs import subscribers as briefs
from portal.briefs.events import (
    AssignmentCancelled,
    AssignmentCompleted,
    AssignmentInvited,
    BriefPublished,
    ChangesRequested,
    SubmissionApproved,
    SubmissionRejected,
    SubmissionSent,
)
from portal.click_pay import subscribers as click_pay
from portal.commissions import subscribers as commissions
from portal.commissions.events import (
    CommissionEarned,
    CommissionHeld,
    CommissionHoldMoved,
    CommissionReleased,
    CommissionReversed,
)
from portal.consents import subscribers as consents
from portal.consents.events import TermsProposed, TiersProposed
from portal.creators.events import DestinationChanged
from portal.decisions.events import OrderDeclined, OrderPutForward
from portal.destinations.events import DestinationAsked, DestinationMissing, DestinationToConfirm
from portal.factors.events import SecondFactorChanged
from portal.flags import subscribers as flags
from portal.flags.events import CodeLeaked, FlagDecided, FlagRaised
from portal.identity.events import SignInCodeRequested, StaffInvited
from portal.integrations import subscribers as integrations
from portal.integrations.events import InboundReceived
from portal.notifications import account_subscribers as accounts
from portal.notifications import appeal_subscribers as objections
from portal.notifications import decision_subscribers as verdicts
from portal.notifications import destination_subscribers as payees
from portal.notifications import extra_subscribers as recruits
from portal.notifications import flag_subscribers as suspicions
from portal.notifications import money_subscribers as money
from portal.notifications import run_subscribers as runs
from portal.notifications import statement_subscribers as months
from portal.notifications import subscribers as people
from portal.notifications import tax_subscribers as papers
from portal.notifications import tier_subscribers as climbs
from portal.notifications import webhook_subscribers as machines
from portal.payee_holds.events import PayeeHoldChanged
from portal.payouts.events import (
    PayoutFailed,
    PayoutReturned,
    PayoutRunApproved,
    PayoutRunDiffers,
    PayoutRunFinished,
    PayoutRunPaused,
    PayoutRunReturned,
    PayoutRunSubmitted,
    PayoutSent,
)
from portal.programs.events import TermsPublished
from portal.proposals.events import ChangePutForward
from portal.referrals import subscribers as referrals
from portal.rewards import subscribers as rewards
from portal.rewards.events import RewardGiven, RewardMoved
from portal.sales.events import OrderCancelled, OrderDisputed, OrderRecorded, OrderRefunded
from portal.standings import subscribers as standings
from portal.statements.events import StatementPublished
from portal.tax.events import TaxFormAsked, TaxFormExpiring, TaxFormRejected
from portal.tiers.events import LadderPublished, TierMoved
from portal.tracking import subscribers as tracking
from portal.tracking.events import ClicksCameLate, CodeActivated, CodeChanged, CodeRetired
from portal.webhooks import subscribers as webhooks
from portal.webhooks.events import WebhookDisabled

SUBSCRIPTIONS: Mapping[type, Sequence[Callable[[Any], None]]] = {
    # people come in
    SignInCodeRequested: [people.on_sign_in_code_requested],
    StaffInvited: [people.on_staff_invited],
    SecondFactorChanged: [accounts.on_second_factor_changed],
    ApplicationSubmitted: [
        referrals.on_application_submitted,
        people.on_application_submitted,
        webhooks.on_application_submitted,
    ],
    ApplicationInfoAsked: [people.on_application_info_asked],
    ApplicationDecided: [people.on_application_decided, webhooks.on_application_decided],
    AmbassadorEnrolled: [webhooks.on_ambassador_enrolled],
    AgreementAccepted: [
        people.on_agreement_accepted,
        recruits.on_agreement_accepted,
        briefs.on_agreement_accepted,
        webhooks.on_agreement_accepted,
    ],
    AmbassadorEnded: [
        tracking.on_ambassador_ended,
        briefs.on_ambassador_ended,
        webhooks.on_ambassador_ended,
    ],
    # one version of the terms
    TermsPublished: [consents.on_terms_published],
    TermsProposed: [accounts.on_terms_proposed],
    # one code
    CodeActivated: [integrations.on_code_activated, webhooks.on_code_activated],
    CodeChanged: [
        integrations.on_code_changed,
        accounts.on_code_changed,
        webhooks.on_code_changed,
    ],
    CodeRetired: [integrations.on_code_retired, webhooks.on_code_retired],
    # one order
    InboundReceived: [integrations.on_inbound_received],
    OrderRecorded: [
        attribution.on_order_recorded,
        commissions.on_order_recorded,
        webhooks.on_order_recorded,
    ],
    ClicksCameLate: [attribution.on_clicks_came_late, click_pay.on_clicks_came_late],
    OrderAttributed: [commissions.on_order_attributed],
    CommissionEarned: [
        referrals.on_commission_earned,
        money.on_commission_earned,
        webhooks.on_commission_earned,
        flags.on_commission_is_new,
    ],
    CommissionHeld: [referrals.on_commission_held, webhooks.on_commission_held],
    CommissionReleased: [
        referrals.on_commission_released,
        webhooks.on_commission_released,
        flags.on_commission_released,
    ],
    CommissionHoldMoved: [referrals.on_commission_hold_moved],
    OrderRefunded: [commissions.on_order_refunded, webhooks.on_order_refunded],
    OrderCancelled: [commissions.on_order_cancelled, webhooks.on_order_cancelled],
    OrderDisputed: [commissions.on_order_disputed, webhooks.on_order_disputed],
    CommissionReversed: [
        referrals.on_commission_reversed,
        bonuses.on_commission_reversed,
        rewards.on_commission_reversed,
        adjustments.on_commission_reversed,
        money.on_commission_reversed,
        webhooks.on_commission_reversed,
        standings.on_commission_reversed,
    ],
    ChangePutForward: [money.on_change_put_forward],
    AdjustmentProposed: [money.on_adjustment_proposed],
    AdjustmentPosted: [money.on_adjustment_posted],
    # one brief
    BriefPublished: [webhooks.on_brief_published],
    AssignmentInvited: [people.on_assignment_invited],
    SubmissionSent: [people.on_submission_sent, webhooks.on_submission_sent],
    ChangesRequested: [people.on_changes_requested, webhooks.on_changes_requested],
    SubmissionApproved: [people.on_submission_approved, webhooks.on_submission_approved],
    SubmissionRejected: [people.on_submission_rejected, webhooks.on_submission_rejected],
    AssignmentCancelled: [commissions.on_assignment_cancelled, people.on_assignment_cancelled],
    AssignmentCompleted: [
        commissions.on_assignment_completed,
        rewards.on_assignment_completed,
        webhooks.on_assignment_completed,
    ],
    # one reward that is no money
    RewardGiven: [accounts.on_reward_given],
    RewardMoved: [accounts.on_reward_moved],
    # one order that a person decides about
    OrderPutForward: [verdicts.on_order_put_forward],
    OrderDeclined: [verdicts.on_order_declined],
    # one flag
    FlagRaised: [suspicions.on_flag_raised],
    FlagDecided: [suspicions.on_flag_decided],
    CodeLeaked: [suspicions.on_code_leaked],
    # one appeal
    AppealOpened: [objections.on_appeal_opened, webhooks.on_appeal_opened],
    AppealAnswered: [objections.on_appeal_answered],
    AppealPutForward: [objections.on_appeal_put_forward],
    AppealOverdue: [objections.on_appeal_overdue],
    AppealDecided: [objections.on_appeal_decided, webhooks.on_appeal_decided],
    # where money goes
    DestinationChanged: [accounts.on_destination_changed],
    DestinationToConfirm: [payees.on_destination_to_confirm],
    BankPayoutFailed: [payees.on_bank_payout_failed],
    DestinationMissing: [payees.on_destination_missing],
    DestinationAsked: [payees.on_destination_asked],
    PayeeHoldChanged: [runs.on_payee_hold_changed],
    # one tax form
    TaxFormAsked: [papers.on_tax_form_asked],
    TaxFormRejected: [papers.on_tax_form_rejected],
    TaxFormExpiring: [papers.on_tax_form_expiring],
    # one tier
    LadderPublished: [consents.on_ladder_published],
    TiersProposed: [climbs.on_tiers_proposed],
    TierMoved: [climbs.on_tier_moved],
    # one payout run
    PayoutRunSubmitted: [money.on_run_submitted],
    PayoutRunReturned: [money.on_run_returned],
    PayoutRunApproved: [runs.on_run_approved],
    PayoutRunPaused: [runs.on_run_paused],
    PayoutRunDiffers: [runs.on_run_differs],
    PayoutRunFinished: [money.on_run_finished],
    PayoutSent: [money.on_payout_sent, webhooks.on_payout_sent],
    PayoutFailed: [money.on_payout_failed, webhooks.on_payout_failed],
    PayoutReturned: [money.on_payout_returned, webhooks.on_payout_returned],
    # one month
    StatementPublished: [months.on_statement_published],
    # one outgoing webhook
    WebhookDisabled: [machines.on_webhook_disabled],
}

# Reactions that can take many events at once, in a few set statements (PERFORMANCE §B).
TOGETHER: Mapping[Callable[[Any], None], Callable[[Sequence[Any]], None]] = {
    integrations.on_inbound_received: integrations.on_inbounds_received,
    integrations.on_code_activated: integrations.on_codes_activated,
    webhooks.on_code_activated: webhooks.on_codes_activated,
    attribution.on_order_recorded: attribution.on_orders_recorded,
    commissions.on_order_recorded: commissions.on_orders_recorded,
    commissions.on_order_attributed: commissions.on_orders_attributed,
    referrals.on_commission_earned: referrals.on_commissions_earned,
    money.on_commission_earned: money.on_commissions_earned,
    money.on_payout_sent: money.on_payouts_sent,
    webhooks.on_payout_sent: webhooks.on_payouts_sent,
    flags.on_commission_is_new: flags.on_commissions_are_new,
    webhooks.on_order_recorded: webhooks.on_orders_recorded,
    webhooks.on_commission_earned: webhooks.on_commissions_earned,
}
