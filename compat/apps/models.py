"""Apps: agents that come with the OAuth of another platform. Client, tokens and codes are django-oauth-toolkit's rows."""

from typing import Self
from uuid import UUID

from django.db import models

from placet.lib.ids import new_id


class AppQuerySet(models.QuerySet["App"]):
    def held(self) -> Self:
        """Locked until the transaction ends: whoever writes codes and tokens of an app, or ends them, does it after the others.

        A token is a row that is new: there is nothing to compare, and who deletes cannot see what is not committed.
        """
        return self.select_for_update()


class App(models.Model):
    """An agent and its OAuth client, and whether somebody has installed it. A deployment is one workspace: one installation."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    application = models.OneToOneField(
        "oauth2_provider.Application", on_delete=models.CASCADE, related_name="app"
    )
    agent = models.OneToOneField("agents.Agent", on_delete=models.CASCADE, related_name="+")
    #: What may be asked for; a token reaches no further, whatever it was issued with.
    scopes = models.JSONField(default=list)
    #: Another one for every installation, so that what was kept of an old one opens nothing.
    installation_id = models.UUIDField(unique=True, default=new_id)
    installed_at = models.DateTimeField(null=True)
    installed_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = AppQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.pk)
