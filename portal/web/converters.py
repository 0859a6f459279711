"""The `<brand:brand_id>` part of a path: a brand's slug outside, its row id inside."""

from collections.abc import Callable

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError


def install(app: Flask, id_of: Callable[[str], int | None], slug_of: Callable[[int], str]) -> None:
    """Teach the router brands. Slugs never change, so both directions are remembered per app.

    What is remembered lies in `app.extensions["portal.brands"]`: whoever empties the database
    under a running app (the tests) empties it too.
    """
    ids: dict[str, int] = {}
    slugs: dict[int, str] = {}
    app.extensions["portal.brands"] = (ids, slugs)

    class BrandConverter(BaseConverter):
        """Raises ValidationError (404) for a slug that no brand has."""

        regex = "[a-z0-9-]{2,60}"

        def to_python(self, value: str) -> int:
            if value not in ids:
                found = id_of(value)
                if found is None:
                    raise ValidationError
                ids[value] = found
            return ids[value]

        def to_url(self, value: int | str) -> str:
            if isinstance(value, str):
                return value
            if value not in slugs:
                slugs[value] = slug_of(value)
            return slugs[value]

    app.url_map.converters["brand"] = BrandConverter
