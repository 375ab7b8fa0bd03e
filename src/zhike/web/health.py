from django.db import connection
from django.http import HttpRequest, HttpResponse

from zhike.web.middleware import public


@public
def health(request: HttpRequest) -> HttpResponse:
    """For supervisors and load balancers: the server answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
