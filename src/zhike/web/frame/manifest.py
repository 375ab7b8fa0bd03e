from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _

from zhike.web.middleware import public


@public
def manifest(request: HttpRequest) -> JsonResponse:
    """What makes the product installable on a phone."""
    icons = [{"src": static(f"icons/zhike-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)]
    return JsonResponse(
        {
            "name": _("Zhike"),
            "short_name": _("Zhike"),
            "start_url": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0d6472",
            "icons": [*icons, {"src": static("icons/zhike.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )
