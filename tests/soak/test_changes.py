"""Many more worlds of people who change controls, and of tasks."""

from hypothesis import settings

from tests.machines.test_guarded_changes import Changes
from tests.machines.test_tasks import Tasks


class ManyChanges(Changes):
    """As in the suite."""


class ManyTasks(Tasks):
    """As in the suite."""


ManyChanges.TestCase.settings = settings(Changes.TestCase.settings, max_examples=500, stateful_step_count=40)
ManyTasks.TestCase.settings = settings(Tasks.TestCase.settings, max_examples=500, stateful_step_count=40)
TestManyChanges = ManyChanges.TestCase
TestManyTasks = ManyTasks.TestCase
