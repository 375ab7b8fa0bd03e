from django.urls import path

from zhike.web.help import guide

urlpatterns = [
    path("help/", guide.contents, name="help"),
    path("help/images/<str:name>", guide.image, name="help-image"),
    path("help/<slug:name>/", guide.chapter, name="help-page"),
]
