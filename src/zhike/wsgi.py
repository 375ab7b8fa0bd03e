import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.settings")
application = get_wsgi_application()
reverse("today")  # loads all pages, before somebody waits for the first
# A page makes many short-lived objects, few cycles: look for those seldom, and never among what was loaded at the start.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
