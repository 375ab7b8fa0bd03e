from django.urls import path

from zhike.web.customers import list as customer_list

urlpatterns = [
    path("customers/", customer_list.customers, name="customers"),
]
