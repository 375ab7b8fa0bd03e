from django.urls import path

from zhike.web.frame import design, exports, manifest, notices, search, worker

urlpatterns = [
    path("manifest.webmanifest", manifest.manifest, name="manifest"),
    path("worker.js", worker.worker, name="worker"),
    path("lost/", worker.lost, name="lost"),
    path("search", search.search, name="search"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read", notices.read, name="notices-read"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<int:pk>/", exports.export, name="export"),
    path("exports/<int:pk>/cancel/", exports.cancel, name="export-cancel"),
    path("exports/<int:pk>/decide/", exports.decide, name="export-decide"),
    path("design", design.design, name="design"),
    path("design/chart", design.chart, name="design-chart"),
]
