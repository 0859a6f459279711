"""Flask extensions, made once and bound in `app.py`. Imports nothing from portal."""

from flask_htmx import HTMX
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

login_manager = LoginManager()
csrf = CSRFProtect()
htmx = HTMX()
migrate = Migrate()
limiter = Limiter(get_remote_address, storage_uri="memory://", default_limits=[])
