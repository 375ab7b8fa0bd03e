from django.urls import URLPattern, path

from zhike.web.value import (
    assumptions,
    calculators,
    charts,
    equity,
    exports,
    grades,
    leaving,
    lifecycle,
    lifetime,
    matrix,
    overview,
    rfm,
    runs,
)

urlpatterns: list[URLPattern] = [
    path("value/", overview.overview, name="value"),
    path("value/grades/", grades.grades, name="value-grades"),
    path("value/rfm/", rfm.rfm, name="value-rfm"),
    path("value/matrix/", matrix.matrix, name="value-matrix"),
    path("value/decisions/", matrix.decide, name="value-decide"),
    path("value/lifetime/", lifetime.lifetime, name="value-clv"),
    path("value/lifecycle/", lifecycle.lifecycle, name="value-lifecycle"),
    path("value/leaving/", leaving.leaving, name="value-leaving"),
    path("value/equity/", equity.equity, name="value-equity"),
    path("value/calculator/", calculators.calculator, name="value-calculator"),
    path("value/runs/", runs.runs, name="value-runs"),
    path("value/runs/compare/", runs.compare, name="value-compare"),
    path("value/runs/assumptions/", assumptions.assumptions, name="value-assumptions"),
    path("value/runs/<int:pk>/", runs.run, name="value-run"),
    path("value/runs/<int:pk>/cancel/", runs.cancel, name="value-run-cancel"),
    path("value/chart/<slug:name>/", charts.chart, name="value-chart"),
    path("value/export/<slug:name>/", exports.export, name="value-export"),
]
