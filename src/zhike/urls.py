"""All routes. Each area keeps its own list; here they are put together."""

from django.urls import include, path

from zhike.api.app import api
from zhike.api.problems import nowhere
from zhike.web.health import health

urlpatterns = [
    path("health", health, name="health"),
    path("api/", api.urls),
    path("api/<path:rest>", nowhere),
    path("", include("zhike.web.urls")),
]
handler400 = "zhike.web.errors.bad_request"
handler403 = "zhike.web.errors.refused"
handler404 = "zhike.web.errors.not_found"
handler500 = "zhike.web.errors.broken"
