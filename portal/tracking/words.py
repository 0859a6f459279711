"""Words that no creator's code may be: promises, the brand's own voice, and rude ones."""

RESERVED_WORDS = frozenset({
    "ADMIN", "ADMINISTRATOR", "BRAND", "CODE", "COUPON", "CREATOR", "DEMO", "DISCOUNT", "EMPLOYEE",
    "EXAMPLE", "FREE", "FREESHIP", "FREESHIPPING", "GIFT", "GIFTCARD", "HELP", "NULL", "NONE",
    "OFFICIAL", "OPERATOR", "PORTAL", "PROMO", "REFUND", "SALE", "SHIPPING", "STAFF", "STORE",
    "SUPPORT", "SYSTEM", "TEST", "UNDEFINED", "VOUCH", "WELCOME",
})  # fmt: skip

# Refused as the whole word only: they are also parts of decent names.
RUDE_WORDS = frozenset({
    "ANAL", "ANUS", "ARSE", "ASS", "COCK", "COON", "CUM", "DICK", "DYKE", "HELL", "HOE", "PISS",
    "POOP", "SEX", "TIT", "TITS",
})  # fmt: skip

# Refused anywhere in a code.
RUDE_PARTS = (
    "ASSHOLE", "BITCH", "BASTARD", "CUNT", "FAGGOT", "FUCK", "HITLER", "NAZI", "NIGGA", "NIGGER",
    "PENIS", "PORN", "PUSSY", "RAPIST", "SHIT", "SLUT", "TWAT", "VAGINA", "WANKER", "WHORE",
)  # fmt: skip
