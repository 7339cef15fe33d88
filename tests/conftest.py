"""Hypothesis profiles: `default` is bounded and always the same; `nightly` is long and random.

Choose one with HYPOTHESIS_PROFILE, as `make test-nightly` does.
"""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "default",
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=(HealthCheck.too_slow,),
)
settings.register_profile(
    "nightly", max_examples=20_000, deadline=None, print_blob=True, suppress_health_check=(HealthCheck.too_slow,)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

pytest_plugins = ["tests.support.postgres", "tests.support.server_stops"]
