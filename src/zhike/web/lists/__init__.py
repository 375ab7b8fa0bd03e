"""The one list screen: columns, filters, order, paging, saved views, bulk actions, export, keyboard. See docs/screens.md."""
