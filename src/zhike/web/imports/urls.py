from django.urls import path

from zhike.web.imports import one, views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/<int:pk>/", one.show, name="import"),
    path("imports/<int:pk>/read/", one.read_again, name="import-read"),
    path("imports/<int:pk>/cancel/", one.cancel, name="import-cancel"),
    path("imports/<int:pk>/reopen/", one.reopen, name="import-reopen"),
    path("imports/<int:pk>/undo/", one.undo, name="import-undo"),
    path("imports/<int:pk>/rejected/", one.rejected, name="import-rejected"),
]
