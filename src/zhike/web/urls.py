"""The screens' routes: each area keeps its own list."""

from django.urls import URLPattern

from zhike.web.accounts.urls import urlpatterns as accounts
from zhike.web.customers.urls import urlpatterns as customers
from zhike.web.frame.urls import urlpatterns as frame
from zhike.web.help.urls import urlpatterns as help_pages
from zhike.web.imports.urls import urlpatterns as imports
from zhike.web.lists.urls import urlpatterns as lists
from zhike.web.orders.urls import urlpatterns as orders
from zhike.web.plans.urls import urlpatterns as plans
from zhike.web.settings.urls import urlpatterns as settings
from zhike.web.today.urls import urlpatterns as today
from zhike.web.value.urls import urlpatterns as value

urlpatterns: list[URLPattern] = [
    *today, *plans, *frame, *lists, *customers, *imports, *orders, *value, *settings, *accounts, *help_pages,
]  # fmt: skip
