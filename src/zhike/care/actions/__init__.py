"""Every write of care: the demo company, suggestions and the answers to them."""

from zhike.care.actions.demo import DemoReport, load_demo_company

__all__ = ["DemoReport", "load_demo_company"]
