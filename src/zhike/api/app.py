"""The REST API, with OpenAPI at /api/docs."""

from ninja import NinjaAPI

api = NinjaAPI(title="Zhike", version="1", docs_url="/docs", openapi_url="/openapi.json", urls_namespace="api")
