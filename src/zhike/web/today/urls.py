from django.urls import URLPattern, path

from zhike.web.today import views

urlpatterns: list[URLPattern] = [
    path("", views.today, name="today"),
    path("today/<int:pk>/record/", views.record, name="today-record"),
    path("today/<int:pk>/later/", views.postpone, name="today-later"),
    path("today/<int:pk>/no/", views.refuse, name="today-no"),
    path("today/<int:pk>/reopen/", views.reopen, name="today-reopen"),
]
