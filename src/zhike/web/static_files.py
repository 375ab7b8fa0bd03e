"""Static files under names with their hash, also where a module of ours imports another one; compressed once, at set-up."""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it carries no types
    support_js_module_import_aggregation = True

    def create_compressor(self, **options: Any) -> Compressor:
        options["extensions"] = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")  # 6 MB that only a debugger asks for
        return super().create_compressor(**options)
