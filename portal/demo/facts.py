"""What a script needs to play shopper or shop in a demo (CONTRACTS: `portal demo-facts`)."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal import serving
from portal.ambassadors.models import Ambassador
from portal.creators.models import Creator
from portal.demo import cast
from portal.factors import queries as factors
from portal.identity import queries as identity
from portal.identity.models import Brand, User
from portal.kernel.errors import NotFound
from portal.programs import queries as programs
from portal.sales import queries as sales
from portal.storage.model import db
from portal.tracking import queries as tracking


def of(data: Path) -> dict[str, Any]:
    """The facts of the demo in a folder. Raises NotFound while it is not filled yet."""
    with serving.application(serving.settings_for(data)) as app:
        base = app.config["PORTAL"].base_url
        found = list(db.session.scalars(select(Brand).order_by(Brand.id)))
        if not found:
            raise NotFound("This demo is empty, or still being filled.")
        return {
            "base_url": base,
            "brands": [_brand(brand, base) for brand in found],
            "staff": [_staff(role) for role in cast.STAFF],
            "creators": _creators(),
        }


def _brand(brand: Brand, base: str) -> dict[str, Any]:
    return {
        "slug": brand.slug,
        "programs": [program.slug for program in programs.programs_of(brand.id)],
        "connections": [
            {
                "source": connection.source.value,
                "hook_url": f"{base}/hooks/{connection.source.value}/{connection.public_id}",
                "secret": connection.secret,
            }
            for connection in sales.connections_of(brand.id)
        ],
    }


def _staff(role: cast.Role) -> dict[str, Any]:
    user = identity.user_by_email(role.email)
    assert user is not None
    return {
        "email": role.email,
        "brand": cast.BRAND_SLUG,
        "roles": list(role.capabilities),
        "password": cast.PASSWORD,
        "totp_secret": factors.secret_of(user.id) or "",
    }


def _creators() -> list[dict[str, str]]:
    rows = db.session.execute(
        select(Ambassador.id, Creator.handle, User.email, User.password_hash)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .join(User, User.id == Creator.user_id)
        .order_by(Ambassador.id)
    ).all()
    ids = [row[0] for row in rows]
    owned, links = tracking.current_codes(ids), tracking.default_links(ids)
    return [
        {
            "email": email,
            "handle": handle,
            "code": owned[ambassador_id].code if ambassador_id in owned else "",
            "link_slug": links[ambassador_id].slug if ambassador_id in links else "",
            "password": cast.PASSWORD if has_password else "",
        }
        for ambassador_id, handle, email, has_password in rows
    ]
