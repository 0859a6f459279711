"""The composition root: knows every room, wires them, and builds the WSGI application."""

import logging
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import changes, rooms, schedule, shell, subscriptions
from portal.adapters import Adapters
from portal.commissions import holding, losing
from portal.config import Settings
from portal.creators import queries as creators
from portal.destinations import prints
from portal.extensions import csrf, htmx, limiter, login_manager, migrate
from portal.factors import proving
from portal.identity import queries as identity
from portal.identity import sign_in
from portal.integrations import fast_path as hooks
from portal.integrations.rest.inbox import RestInbox
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.notifications import queries as messages
from portal.paying import queries as paying
from portal.payouts import control, paid_queries
from portal.programs import beside_queries
from portal.programs.public_routes import cards as open_programs
from portal.proposals.registry import registry as proposals
from portal.rewards import offering
from portal.sales import customers
from portal.statements import run_queries
from portal.storage import engine, vault
from portal.storage.model import db
from portal.tiers import queries as tiers
from portal.tracking.fast_path import RECHECK_SECONDS, Clicks, FastPath, RouteMemory
from portal.tracking.spool import FOLDER, Spool
from portal.web import converters, errors, formatting, guards, security

PACKAGE = Path(__file__).parent
HOME = PACKAGE if (PACKAGE / "templates").is_dir() else PACKAGE.parent
REQUEST_BYTES = 2_000_000


def create_app(settings: Settings | None = None, adapters: Adapters | None = None) -> Flask:
    """Build the portal. Without settings they are read from the environment."""
    settings = settings or Settings.from_env()
    app = Flask(
        "portal", template_folder=str(HOME / "templates"), static_folder=str(HOME / "static")
    )
    _configure(app, settings)
    _bind_storage(app, settings)
    converters.install(app, identity.brand_id_of, identity.brand_slug_of)
    sign_in.install(app)
    for extension in (security, guards, errors):
        extension.install(app)
    formatting.install(app)
    shell.install(app)
    _open_doors(app, settings)
    _lend(app)
    _stand_in_front(app, settings)
    adapters = adapters or Adapters.from_settings(settings)
    app.extensions["portal.adapters"] = adapters
    registry.configure(
        subscriptions.SUBSCRIPTIONS, schedule.job_functions(settings, adapters), schedule.SCHEDULE,
        subscriptions.TOGETHER,
    )  # fmt: skip
    proposals.configure(changes.EFFECTS)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        PORTAL=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=REQUEST_BYTES,
        SESSION_COOKIE_NAME="__Host-vouch" if settings.is_https else "vouch",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_ENABLED=not settings.testing,
        TESTING=settings.testing,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine.engine_options(settings.database_url),
    )
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    clock.follow(settings.data / "time-travel" if settings.demo else None)
    customers.install(settings.secret_key)
    prints.install(settings.secret_key)
    vault.install(settings.secret_key, settings.encryption_keys)


def _bind_storage(app: Flask, settings: Settings) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    for room in rooms.MODELS:
        import_module(f"portal.{room}.models")
    db.init_app(app)
    migrate.init_app(app, db, directory=str(HOME / "migrations"), render_as_batch=True)
    with app.app_context():
        engine.install(db.engine, survives_power_cut=not (settings.demo or settings.testing))
    for extension in (csrf, htmx, login_manager, limiter):
        extension.init_app(app)


def _open_doors(app: Flask, settings: Settings) -> None:
    for name in (*rooms.DOORS, *(rooms.DEMO_DOORS if settings.demo else ())):
        app.register_blueprint(import_module(f"portal.{name}").blueprint)


def _stand_in_front(app: Flask, settings: Settings) -> None:
    # /go/<slug> and most of /hooks/ are answered before Flask; proxies are read before all, for one
    # client address.
    with app.app_context():
        memory = RouteMemory(db.engine, recheck_seconds=0 if settings.testing else RECHECK_SECONDS)
    clicks = Clicks(
        memory, Spool(settings.data / FOLDER, waits_for_disk=settings.click_durability == "fsync"),
        settings.secret_key, secure=settings.is_https, keeps_ip=settings.click_ip_hours > 0,
    )  # fmt: skip
    app.extensions["portal.clicks"] = clicks
    hooks.install(app, security.FIXED, security.ONLY_HTTPS, remembers=not settings.testing)
    front = FastPath(app.wsgi_app, clicks, security.FIXED, security.ONLY_HTTPS)
    app.wsgi_app = behind_proxies(front, settings.trusted_proxies)  # type: ignore[method-assign]


def behind_proxies(inner: Any, hops: int) -> Any:
    """REMOTE_ADDR becomes what the outermost of so many trusted proxies saw; 0: as it is."""
    if not hops:
        return inner
    return ProxyFix(inner, x_for=hops, x_proto=0, x_host=0, x_port=0, x_prefix=0)


def _lend(app: Flask) -> None:
    # What lower rooms show but may not import: set here, asked for when a page needs it.
    sign_in.creator_id_of = _creator_id_of
    proving.install()
    losing.paid_at_of = paid_queries.paid_at_of
    holding.takes_from_payouts = paid_queries.takes_from_payouts
    beside_queries.sentences_of = offering.sentences_of
    beside_queries.paid_of = paying.paid_in_words
    beside_queries.tier_names_of = tiers.present_names
    control.month_out_of = run_queries.month_out_by
    app.extensions["health.mail"] = messages.counts
    app.extensions["home.programs"] = open_programs
    app.extensions["api.inbox"] = RestInbox()


def _creator_id_of(user_id: int) -> int | None:
    found = creators.of_user(user_id)
    return None if found is None else found.id
