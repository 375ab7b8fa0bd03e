from django.urls import path

from zhike.web.frame import design, manifest

urlpatterns = [
    path("manifest.webmanifest", manifest.manifest, name="manifest"),
    path("design", design.design, name="design"),
    path("design/chart", design.chart, name="design-chart"),
]
