from django.apps import AppConfig


class ZhikeConfig(AppConfig):
    name = "zhike"
    label = "zhike"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhike import reactions

        reactions.connect()
