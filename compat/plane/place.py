"""Where things are on Plane's map: our one workspace, one project in it, conversations as its work items. Pure but for the name."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID, uuid5

from accounts.selectors import workspace
from placet.lib.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Place:
    workspace_id: UUID
    #: All conversations are in it: Placet has no projects.
    project_id: UUID
    slug: str
    name: str

    @classmethod
    def ours(cls) -> Self:
        found = workspace()
        project = uuid5(found.id, "inbox")
        return cls(workspace_id=found.id, project_id=project, slug=found.slug, name=found.name)

    def refuse_elsewhere(self, slug: str, project_id: object = None) -> None:
        """Another workspace or project than ours is not there."""
        if slug != self.slug or project_id not in (None, str(self.project_id)):
            raise NotFound("Not found.")
