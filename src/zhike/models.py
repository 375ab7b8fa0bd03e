"""All models of the one app, so that Django finds them here."""

import zhike.care.models
import zhike.core.models
import zhike.customers.models
import zhike.sales.models
import zhike.teams.models
import zhike.value.models  # noqa: F401
