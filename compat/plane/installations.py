"""Whose installation a token belongs to."""

from rest_framework.request import Request
from rest_framework.response import Response

from compat.apps.selectors import app_of_agent
from compat.plane.accent import PlaneView
from compat.plane.place import Place
from compat.plane.wire import installation_json
from placet.lib.ids import parse_id


class Installations(PlaneView):
    """An array, as the SDK has it: with the one there is, or empty when another one was asked for."""

    def get(self, request: Request) -> Response:
        actor = self.actor(request, "profile:read")
        app = app_of_agent(actor, actor.bound_agent_id)
        wanted = request.query_params.get("id")
        if app is None or (wanted and parse_id(wanted) != app.installation_id):
            return Response([])
        return Response([installation_json(app, Place.ours())])
