"""Every answer to "why was this order not credited?", for each who asks (UX 2.4).

Pure words: a headline, why, what can be done next, and whether the creator may appeal.
"""

from dataclasses import dataclass
from enum import StrEnum

from portal.attribution.models import Reason

# Answers that no decision holds: they follow from what happened around it.
CREDITED = "credited"
CREDITED_PARTIAL = "credited_partial"
ASSISTED = "assisted"
ORDER_NOT_RECEIVED = "order_not_received"
TOO_RECENT = "too_recent"
LATER_TOUCH_WON = "later_touch_won"
EARLIER_TOUCH_WON = "earlier_touch_won"
CODE_BEATS_LINK = "code_beats_link"
OTHER_CODE_WON = "other_code_won"
CUSTOMER_OF_ANOTHER = "customer_of_another"
PRODUCT_EXCLUDED = "product_excluded"
REFUNDED = "refunded"
PARTLY_REFUNDED = "partly_refunded"
ON_HOLD_REVIEW = "on_hold_review"
APPEAL_AFTER_HOURS = 48


class Appeal(StrEnum):
    """Whether an answer can be appealed, and what it takes."""

    NO = "no"
    YES = "yes"
    WITH_PROOF = "with_proof"
    LATER = "later"  # APPEAL_AFTER_HOURS after the order


@dataclass(frozen=True, slots=True)
class Words:
    """One answer. `creator`, `brand` and `finance` are each one or two plain sentences."""

    headline: str
    creator: str
    brand: str
    finance: str
    next_step: str
    appeal: Appeal = Appeal.NO


NOTHING_EARNED = "Nothing was earned, so nothing is to be paid."
WORDS: dict[str, Words] = {
    CREDITED: Words(
        "It was credited to you",
        "You earned a commission on this order.",
        "The order is credited; the checks below say why.",
        "A commission was earned; its journal is in the books.",
        "Open the commission to see how it was worked out.",
        Appeal.YES,
    ),
    CREDITED_PARTIAL: Words(
        "Part of it was credited to you",
        "Some of what was bought never counts: gift cards, tax and shipping.",
        "The order is credited for the lines that count.",
        "A commission was earned on the lines that count.",
        "Open the commission to see which lines count.",
        Appeal.YES,
    ),
    ASSISTED: Words(
        "You had a part in this sale",
        "You share in this order. Your part is in your earnings.",
        "The order is shared by the program’s fixed weights.",
        "Several commissions were earned; together they are one.",
        "Open your earnings to see your share.",
        Appeal.YES,
    ),
    Reason.CREDITED_BY_HAND: Words(
        "It was credited by hand",
        "The brand decided who this order belongs to.",
        "Somebody of your team decided this order; the reason is kept.",
        "A person decided; the commission that stood before was taken back.",
        "Nothing more to do.",
        Appeal.YES,
    ),
    ORDER_NOT_RECEIVED: Words(
        "The store has not sent us this order",
        "We know no such order. Numbers and amounts are easily mistyped.",
        "No shop connection has told of this order.",
        NOTHING_EARNED,
        "Check the number, and try again tomorrow.",
        Appeal.LATER,
    ),
    TOO_RECENT: Words(
        "The order is still on its way",
        "Orders appear within 15 minutes of the checkout.",
        "The order has come in and waits for its decision.",
        "Not decided yet.",
        "Look again in 15 minutes.",
    ),
    Reason.AWAITING_PAYMENT: Words(
        "The buyer has not paid yet",
        "It is decided by the code and click of order time as soon as the payment arrives.",
        "An unpaid order waits; nothing is lost by paying late.",
        "Nothing is owed before the buyer has paid.",
        "Nothing to do: it is decided by itself.",
    ),
    Reason.NO_CODE_NO_CLICK: Words(
        "No code of yours was used, and no click of yours came before it",
        "We found neither your code at the checkout nor a click on your link within the window.",
        "Neither a code nor a click of an ambassador came with this order.",
        NOTHING_EARNED,
        "Show your code where people buy, and put your link beside it.",
        Appeal.WITH_PROOF,
    ),
    Reason.CLICK_OUTSIDE_WINDOW: Words(
        "The click was too long before the order",
        "A click counts for the number of days that the terms name.",
        "The click lies outside the window of the terms in force then.",
        NOTHING_EARNED,
        "A new click starts the days again: share the link once more.",
    ),
    Reason.CLICK_STOOD_DOWN: Words(
        "The click came when the checkout had already begun",
        "A click during the checkout cannot take the place of an earlier one.",
        "The click came from the checkout or after it had begun, so it stood down.",
        NOTHING_EARNED,
        "Send people to the shop before they buy.",
        Appeal.YES,
    ),
    LATER_TOUCH_WON: Words(
        "A later ambassador’s touch was used",
        "Someone clicked another ambassador’s link after yours; the last one counts.",
        "Another ambassador’s click came later; the last click counts.",
        "The commission went to the later click.",
        "You are noted as having helped.",
        Appeal.YES,
    ),
    EARLIER_TOUCH_WON: Words(
        "An earlier ambassador’s touch was used",
        "Someone clicked another ambassador’s link before yours; here the first one counts.",
        "Another ambassador’s click came earlier; the first click counts.",
        "The commission went to the earlier click.",
        "You are noted as having helped.",
        Appeal.YES,
    ),
    CODE_BEATS_LINK: Words(
        "Another code was typed at checkout",
        "Your link was clicked, but a code that was typed counts before a click.",
        "A typed code beat this click by the code policy of the terms.",
        "The commission went to the code’s owner.",
        "You are noted as having helped.",
        Appeal.YES,
    ),
    OTHER_CODE_WON: Words(
        "Another ambassador’s code counted",
        "Several codes were typed; the one with the larger discount counts.",
        "Of several codes the one with the larger discount counts.",
        "The commission went to the other code’s owner.",
        "You are noted as having helped.",
        Appeal.YES,
    ),
    CUSTOMER_OF_ANOTHER: Words(
        "The customer belongs to another ambassador",
        "This customer first came through another ambassador, and the terms keep it so.",
        "The customer is bound to the ambassador who brought them.",
        "The commission went to whoever brought the customer.",
        "You are noted as having helped.",
        Appeal.YES,
    ),
    Reason.CODE_EXPIRED: Words(
        "The code had ended",
        "The code no longer worked when the order was placed.",
        "The code had ended before this order.",
        NOTHING_EARNED,
        "Share your current code; old posts may still show the other.",
        Appeal.YES,
    ),
    Reason.CODE_PAUSED: Words(
        "The code was paused",
        "The code was paused when the order was placed.",
        "The code was paused then.",
        NOTHING_EARNED,
        "Ask the brand when your code works again.",
        Appeal.YES,
    ),
    Reason.CODE_MISTYPED: Words(
        "What was typed is not your code",
        "Something much like a code was typed at the checkout, but it is none.",
        "A word much like a code was typed; it is not one.",
        NOTHING_EARNED,
        "Share your code again, best as text that can be copied.",
        Appeal.WITH_PROOF,
    ),
    Reason.CODE_LEAKED_BLOCK: Words(
        "The code was used from a coupon site",
        "Orders that bring your code from a coupon site are not counted.",
        "The code had leaked; such orders are left out.",
        NOTHING_EARNED,
        "Use your new code, and tell us of posts of yours that brought the order.",
        Appeal.YES,
    ),
    Reason.CODES_NEVER_CREDIT: Words(
        "In this program, codes give a discount but no credit",
        "The terms count links alone. Your code was typed, but no link of yours was clicked.",
        "By your terms a code gives a discount and no credit.",
        NOTHING_EARNED,
        "Put your link beside your code.",
    ),
    Reason.MEMBERSHIP_INACTIVE: Words(
        "Your membership was not active then",
        "Orders count from the day a membership becomes active until it ends.",
        "The membership was not active when the order was placed.",
        NOTHING_EARNED,
        "See your programs for the dates of your membership.",
        Appeal.YES,
    ),
    Reason.SELF_PURCHASE: Words(
        "The buyer’s details match your account",
        "Own purchases earn nothing: your code gives you the discount.",
        "The buyer and the creator are the same by e-mail, customer or card.",
        NOTHING_EARNED,
        "If it was somebody else, say so in an appeal.",
        Appeal.YES,
    ),
    Reason.EXISTING_CUSTOMER: Words(
        "This program pays for new customers",
        "The buyer had bought from the brand before.",
        "The buyer has an earlier paid order, and the terms pay for new customers.",
        NOTHING_EARNED,
        "Nothing to do: the next new customer counts.",
        Appeal.YES,
    ),
    PRODUCT_EXCLUDED: Words(
        "What was bought does not count",
        "Gift cards never count; only what is bought with them does.",
        "Every line is a gift card, so nothing counts.",
        "The commission is 0.00: only gift cards were bought.",
        "When the gift card is spent with your code, that order counts.",
    ),
    Reason.BELOW_MINIMUM: Words(
        "The order was below the minimum",
        "Orders count from the amount that the terms name.",
        "The order is worth less than the least that counts by the terms.",
        NOTHING_EARNED,
        "Nothing to do: larger orders count.",
    ),
    Reason.CANCELLED: Words(
        "The order was cancelled",
        "A cancelled order earns nothing.",
        "The order was cancelled before it counted.",
        NOTHING_EARNED,
        "Nothing to do.",
        Appeal.YES,
    ),
    REFUNDED: Words(
        "The buyer got the money back",
        "The whole order was given back, and your commission with it.",
        "The order was refunded, so its commission was taken back.",
        "The commission was reversed whole.",
        "See the adjustment in your earnings.",
        Appeal.YES,
    ),
    PARTLY_REFUNDED: Words(
        "The buyer got part of the money back",
        "Your commission follows what the buyer kept.",
        "Part of the order was refunded; the commission follows.",
        "The commission was reversed in proportion.",
        "See the adjustment in your earnings.",
        Appeal.YES,
    ),
    Reason.DUPLICATE: Words(
        "The order seems to have arrived twice",
        "The same order came from another shop of the brand. The brand looks at it.",
        "Another connection told of the same number, amount and day. Decide which one counts.",
        "Nothing is paid for the second report until somebody decides.",
        "The brand decides; you need not do anything.",
    ),
    Reason.ABOVE_LIMIT: Words(
        "The brand looks at this order first",
        "It is larger than what counts by itself. The brand decides about it.",
        "It counts for more than your limit, so nobody is credited until you decide.",
        "Nothing is owed before the brand has decided.",
        "The brand decides; you need not do anything.",
    ),
    Reason.BUYER_ALIKE: Words(
        "The brand looks at this order first",
        "Some orders are looked at before they count. The brand decides about it.",
        "Buyer and creator share something, which alone proves nothing. You decide.",
        "Nothing is owed before the brand has decided.",
        "The brand decides; you need not do anything.",
    ),
    Reason.DECLINED_BY_HAND: Words(
        "The brand declined it",
        "Somebody of the brand looked at this order and decided that it does not count.",
        "Somebody of your team declined this order; the reason is kept.",
        NOTHING_EARNED,
        "If you see it otherwise, say why in an appeal.",
        Appeal.YES,
    ),
    Reason.TEST_ORDER: Words(
        "It is a test order",
        "Test orders never count.",
        "The shop marked the order as a test.",
        NOTHING_EARNED,
        "Nothing to do.",
    ),
    Reason.CAP_REACHED: Words(
        "The program pays for a limited number of charges",
        "The subscription you brought has been charged as often as the terms pay for.",
        "The renewal is past the number of charges or months that the terms pay for.",
        NOTHING_EARNED,
        "Nothing to do: new subscriptions count.",
    ),
    ON_HOLD_REVIEW: Words(
        "Credited, and on hold",
        "The commission waits until somebody has looked at it.",
        "The commission is on hold; finance releases it or takes it back.",
        "The commission is on hold until it is released.",
        "The reason is in your earnings.",
        Appeal.YES,
    ),
}
for _good in (Reason.CODE_TYPED, Reason.LINK_CLICKED, Reason.RENEWAL, Reason.BOUND_CUSTOMER):
    WORDS[_good] = WORDS[CREDITED]


def words_for(reason: str) -> Words:
    """The answer of a code. Raises KeyError for a word that is no answer."""
    return WORDS[str(reason)]


def appeal_for(reason: str) -> Appeal:
    """Whether, and how, an answer can be appealed."""
    return words_for(reason).appeal


def can_appeal(reason: str, hours_since_order: int | None = None) -> bool:
    """Whether a creator may appeal an answer now (UX 2.4).

    `reason` is a Reason or one of the codes above. `hours_since_order` matters only for an order
    the shop has not sent: None (not known) allows it.
    """
    how = appeal_for(reason)
    if how is Appeal.LATER:
        return hours_since_order is None or hours_since_order >= APPEAL_AFTER_HOURS
    return how is not Appeal.NO
