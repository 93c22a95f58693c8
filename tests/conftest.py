"""What every test shares: the profiles of hypothesis."""

import os

from hypothesis import HealthCheck, settings

# The same verdict every time; `nox -s fuzz` looks for what this one cannot find.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile(
    "fuzz",
    max_examples=2000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
