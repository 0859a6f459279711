"""No float anywhere a cent passes (R1)."""

import ast
from pathlib import Path

ROOMS = ["kernel", "ledger", "commissions", "payouts", "attribution", "sales", "integrations"]
NOT_MONEY = {"clock.py", "colours.py", "bucket.py", "calls.py"}  # seconds and shades, not cents


def test_no_float_in_the_rooms_of_money():
    found = []
    for room in ROOMS:
        for path in Path("portal", room).rglob("*.py"):
            if path.name in NOT_MONEY:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                is_call = isinstance(node, ast.Call) and ast.unparse(node.func) in (
                    "float",
                    "round",
                )
                is_number = isinstance(node, ast.Constant) and type(node.value) is float
                is_division = (
                    isinstance(node, ast.BinOp)
                    and isinstance(node.op, ast.Div)
                    and not _is_path(node)
                )
                if is_call or is_number or is_division:
                    found.append(f"{path}:{node.lineno}: {ast.unparse(node)}")
    assert found == []


def _is_path(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.Constant) and isinstance(side.value, str)
        for side in (node.left, node.right)
    )


def test_account_names_are_spelled_in_one_file():
    strays = [
        str(path)
        for path in Path("portal").rglob("*.py")
        if path != Path("portal/ledger/accounts.py")
        and any(word in path.read_text() for word in ("world:paid", ":creator:{"))
    ]
    assert strays == []
