"""`/api/files`: what a person may see of all channels, and hands over to one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import BrowserView
from files import selectors as files
from files.services import storing
from files.snapshots import FileSnapshot
from files.uploads import UploadParser
from files.wire import attachment_json
from inbox import selectors
from inbox.api.files import read_form
from inbox.api.messages import whole_number
from inbox.channels import channel_for
from inbox.services import writing
from inbox.services.arriving import Attachments
from placet.lib.clock import iso


class Files(BrowserView):
    def get(self, request: Request) -> Response:
        query = request.query_params
        agent = query.get("agent")
        page = files.files_page(
            self.by,
            type=query.get("type", ""),
            agent_id=channel_for(self.by, agent, named="agent").id if agent else None,
            search=query.get("search", ""),
            cursor=query.get("cursor"),
            limit=whole_number(query, "limit", files.DEFAULT_LIMIT),
        )
        moments = selectors.moments_of(one.message_id for one in page.files if one.message_id)
        data = [listed(file, moments) for file in page.files]
        return Response({"data": data, "nextCursor": page.next_cursor})


class Upload(BrowserView):
    parser_classes = [UploadParser]

    def post(self, request: Request) -> Response:
        form, arrival = read_form(request)
        message = writing.write_message(
            by=self.by,
            agent_id=form.get("channelId"),
            text=form.get("text", ""),
            attachments=Attachments(arrivals=[arrival]),
        )
        return Response(attachment_json(message.files[0]), status=201)


class Store(BrowserView):
    parser_classes = [UploadParser]

    def post(self, request: Request) -> Response:
        form, arrival = read_form(request)
        agent = channel_for(self.by, form.get("channelId"), named="channelId")
        file = storing.store_file(by=self.by, agent_id=agent.id, arrival=arrival)
        return Response(attachment_json(file), status=201)


def listed(file: FileSnapshot, moments: dict[UUID, datetime]) -> dict[str, Any]:
    """With the message it belongs to; null for one that was stored and not sent yet."""
    moment = moments.get(file.message_id) if file.message_id else None
    message = {"channelId": str(file.agent_id), "createdAt": iso(moment)} if moment else None
    return {**attachment_json(file), "message": message}
