"""What a run says about the whole company: stored with the run as JSON, read by the screens."""

from zhike.value.report.written import Found, codes, write

__all__ = ["Found", "codes", "write"]
