"""Files kept with interactions, for who may see the customer."""

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from zhike.core import files
from zhike.core.models import StoredFile
from zhike.customers.models import Interaction
from zhike.web.customers.sheets import seen
from zhike.web.people import signed_in_person


@require_safe
def download(request: HttpRequest, pk: int, file_id: int) -> FileResponse:
    """Always as an attachment of no particular type: nothing that people upload is shown or run by the browser."""
    customer = seen(request, pk)
    talks = Interaction.objects.visible_to(signed_in_person(request)).filter(customer=customer)
    found = get_object_or_404(StoredFile.objects.filter(interactions__in=talks).distinct(), pk=file_id)
    return FileResponse(
        files.location(found).open("rb"), as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
