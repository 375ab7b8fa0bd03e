from django.urls import URLPattern, path

from zhike.web.plans import views

urlpatterns: list[URLPattern] = [
    path("plans/", views.plans, name="plans"),
    path("plans/calendar.ics", views.take_along, name="plans-file"),
    path("plans/<int:pk>/move/", views.move, name="plan-move"),
]
