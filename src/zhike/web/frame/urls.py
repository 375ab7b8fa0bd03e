from django.urls import path

from zhike.web.frame import design, manifest, notices, search

urlpatterns = [
    path("manifest.webmanifest", manifest.manifest, name="manifest"),
    path("search", search.search, name="search"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read", notices.read, name="notices-read"),
    path("design", design.design, name="design"),
    path("design/chart", design.chart, name="design-chart"),
]
