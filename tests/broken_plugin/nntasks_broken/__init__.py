"""A third-party plugin that fails to import, though it would bring the task "broken_task"."""

import a_package_that_does_not_exist  # noqa: F401
