from django.contrib.admin.apps import AdminConfig


class RescueConfig(AdminConfig):
    """Named in INSTALLED_APPS in the place of django.contrib.admin."""

    default_site = "accounts.admin_site.RescueSite"
