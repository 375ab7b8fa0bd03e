from django.urls import path

from zhike.web.lists import export, views

urlpatterns = [
    path("lists/<slug:name>/bulk", views.bulk, name="list-bulk"),
    path("lists/<slug:name>/export", export.export, name="list-export"),
    path("lists/<slug:name>/views", views.keep_view, name="list-view-keep"),
    path("lists/<slug:name>/views/<int:pk>/delete", views.drop_view, name="list-view-drop"),
]
