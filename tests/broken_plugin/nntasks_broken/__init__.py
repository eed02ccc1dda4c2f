"""A third-party plugin that fails to import, though it would bring the task "broken_task"."""

import a_package_that_does_not_exist  # noqa: F401

from nntasks import Entry, hookimpl


@hookimpl
def register_tasks():
    return [Entry("broken_task", "nntasks_broken.task:Broken", "never seen")]
