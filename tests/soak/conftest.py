"""Long searches have long, however they are started.

The suite's limit of two minutes would end an example of Hypothesis in its middle; tried again that example
passes, and the test is called flaky.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST_S = 7_200


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LONGEST_S))
