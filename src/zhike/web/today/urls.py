from django.urls import URLPattern, path

from zhike.web.today import team, views

urlpatterns: list[URLPattern] = [
    path("", views.today, name="today"),
    path("today/team/", team.standing, name="today-team"),
    path("today/answers/", team.answers, name="today-answers"),
    path("today/planned/", team.planned, name="today-planned"),
    path("today/<int:pk>/record/", views.record, name="today-record"),
    path("today/<int:pk>/later/", views.postpone, name="today-later"),
    path("today/<int:pk>/no/", views.refuse, name="today-no"),
    path("today/<int:pk>/reopen/", views.reopen, name="today-reopen"),
]
