from django.apps import AppConfig


class ZhikeConfig(AppConfig):
    name = "zhike"
    label = "zhike"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from zhike import reactions
        from zhike.customers import base_fields

        reactions.connect()
        post_migrate.connect(base_fields.seed, sender=self)
