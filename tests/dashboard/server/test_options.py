from streamlit import config

from dashboard.server.address import Address
from dashboard.server.options import streamlit_options

OPTIONS = streamlit_options(Address("127.0.0.1", 8501))


def test_every_option_is_one_that_streamlit_knows() -> None:
    assert set(OPTIONS) <= set(config.get_config_options())


def test_nothing_leaves_the_machine_and_nothing_is_told() -> None:
    assert OPTIONS["browser.gatherUsageStats"] is False
    assert OPTIONS["client.showErrorDetails"] == "none"
    assert OPTIONS["server.enableAgentApi"] is False
    assert OPTIONS["server.fileWatcherType"] == "none"
    assert OPTIONS["server.address"] == "127.0.0.1"
    assert OPTIONS["server.allowedHosts"] == ["127.0.0.1", "::1", "localhost"]


def test_the_theme_comes_along_light_and_dark_without_a_remote_font() -> None:
    theme = {name: value for name, value in OPTIONS.items() if name.startswith("theme.")}
    assert theme["theme.light.backgroundColor"] != theme["theme.dark.backgroundColor"]
    assert not [value for value in theme.values() if "http" in str(value)]
