import gc
import os
from importlib import import_module
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.settings")
application = get_wsgi_application()
# A page makes many short-lived objects, few cycles: look for those seldom, and never among what was loaded at the start.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)


# What scores a customer again takes a second to load: beside the first pages, so that the first order does not wait for it.
Thread(target=import_module, args=["zhike.value.scoring_some"], daemon=True).start()
