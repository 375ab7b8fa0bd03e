from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditVerb(models.TextChoices):
    CREATED = "created", _("created")
    CHANGED = "changed", _("changed")
    DELETED = "deleted", _("deleted")
    RESTORED = "restored", _("restored")
    MERGED = "merged", _("merged")
    UNMERGED = "unmerged", _("unmerged")
    TRANSFERRED = "transferred", _("transferred")
    IMPORTED = "imported", _("imported")
    IMPORT_UNDONE = "import_undone", _("import undone")
    EXPORTED = "exported", _("exported")
    REVEALED = "revealed", _("revealed")
    VIEWED = "viewed", _("viewed")
    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    SIGN_IN_FAILED = "sign_in_failed", _("sign-in failed")
    RAN = "ran", _("ran")


LOOKED_AT = (AuditVerb.VIEWED.value, AuditVerb.REVEALED.value)  # nothing was changed by it
