"""Every write of sales."""

from zhike.sales.actions.orders import change_order, delete_order, record_order, record_return
from zhike.sales.actions.products import (
    delete_product_line,
    save_bundle,
    save_price_list,
    save_product,
    save_product_line,
    set_price,
)
from zhike.sales.actions.restoring import restore_order

__all__ = [
    "change_order", "delete_order", "delete_product_line", "record_order", "record_return", "restore_order", "save_bundle",
    "save_price_list", "save_product", "save_product_line", "set_price",
]  # fmt: skip
