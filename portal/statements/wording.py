"""What changed an account, in words."""

from portal.statements.rules import MoveKind

WORDS = {
    MoveKind.EARNED: "Earned",
    MoveKind.REVERSED: "Taken back",
    MoveKind.ADJUSTED: "Adjustments",
    MoveKind.WITHHELD: "Withheld for tax",
    MoveKind.PAID: "Paid out",
}
