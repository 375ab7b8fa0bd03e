from django.urls import path

from zhike.web.orders import bin_list, entering, list as order_list, one, prices, products

urlpatterns = [
    path("orders/", order_list.orders, name="orders"),
    path("orders/new/", entering.new, name="order-new"),
    path("orders/<int:pk>/", one.order, name="order"),
    path("orders/<int:pk>/edit/", entering.edit, name="order-edit"),
    path("orders/<int:pk>/return/", one.give_back, name="order-return"),
    path("orders/<int:pk>/delete/", one.delete, name="order-delete"),
    path("orders/<int:pk>/restore/", one.restore, name="order-restore"),
    path("orders/deleted/", bin_list.deleted, name="orders-deleted"),
    path("products/", products.products, name="products"),
    path("products/new/", products.new, name="product-new"),
    path("products/<int:pk>/", products.product, name="product"),
    path("products/<int:pk>/parts/", products.parts, name="product-parts"),
    path("products/lines/", products.lines, name="product-lines"),
    path("products/lines/<int:pk>/", products.line, name="product-line"),
    path("products/prices/", prices.prices, name="prices"),
    path("products/prices/<int:pk>/", prices.price_list, name="price-list"),
]
