from django.urls import path

from zhike.web.lists import export, posts

urlpatterns = [
    path("lists/<slug:name>/bulk", posts.bulk, name="list-bulk"),
    path("lists/<slug:name>/export", export.export, name="list-export"),
    path("exports/<int:pk>/file/", export.fetch, name="export-file"),
    path("lists/<slug:name>/views", posts.keep_view, name="list-view-keep"),
    path("lists/<slug:name>/views/<int:pk>/delete", posts.drop_view, name="list-view-drop"),
]
