"""Every Streamlit option that matters, set explicitly.

Streamlit reads its configuration from the working directory and by default binds all interfaces,
sends usage statistics and shows stack traces. What is given here wins over files and defaults, so
the server behaves the same wherever it is started. The theme stays in `.streamlit/config.toml`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from dashboard.auth.doorkeeper import TRUSTED_HEADERS
from dashboard.server.address import Address

CONFIG_FILES = (
    Path(__file__).parent / "theme.toml",
    Path(__file__).parents[2] / ".streamlit" / "config.toml",
)
"""Where the theme is: in what was installed, else in the source tree."""
QUIET: dict[str, object] = {
    "browser.gatherUsageStats": False,
    # Its CSV is raw: a spreadsheet would run what a jobId says. Every table has files of ours.
    "client.disableDataExport": True,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "client.allowedOrigins": [],
    "global.developmentMode": False,
    "logger.hideWelcomeMessage": True,
    "logger.level": "warning",
    "runner.magicEnabled": False,
    "runner.fastReruns": True,
    "runner.postScriptGC": True,
    "server.headless": True,
    "server.showEmailPrompt": False,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.allowRunOnSave": False,
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.scriptHealthCheckEnabled": False,
    "server.enableCORS": True,
    "server.corsAllowedOrigins": [],
    "server.enableXsrfProtection": True,
    "server.xsrfCookieSameSite": "strict",
    "server.trustedUserHeaders": TRUSTED_HEADERS,
    "server.baseUrlPath": "",
    # Nothing is uploaded, and widgets send a few words.
    "server.maxUploadSize": 1,
    "server.maxWidgetStateSize": 1,
    "server.disconnectedSessionTTL": 60,
}


def streamlit_options(address: Address) -> dict[str, object]:
    """Options for `st.App.run`, by dotted name."""
    return {
        **QUIET,
        **dict(_flat("theme", _theme())),
        "server.address": address.host,
        "server.port": address.port,
        "server.allowedHosts": address.allowed_hosts,
        **_tls(address),
        "browser.serverAddress": address.host,
        "browser.serverPort": address.port,
    }


def _tls(address: Address) -> dict[str, object]:
    if address.tls is None:
        return {}
    return {"server.sslCertFile": str(address.tls.certificate), "server.sslKeyFile": str(address.tls.key)}


def _theme() -> Mapping[str, object]:
    found = next((file for file in CONFIG_FILES if file.is_file()), None)
    if found is None:
        return {}
    theme = tomllib.loads(found.read_text(encoding="utf-8")).get("theme", {})
    assert isinstance(theme, dict)
    return theme


def _flat(prefix: str, section: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in section.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}.{key}", value)
        else:
            yield f"{prefix}.{key}", value
