"""What a run says about the whole company: stored with the run as JSON, read by the screens."""

from zhike.value.report.back_test import report as back_test
from zhike.value.report.written import Found, codes, write

__all__ = ["Found", "back_test", "codes", "write"]
