"""`/api/v1/files`: what an agent hands over, and what its channel holds."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from files import selectors
from files.api import AttachmentOut
from files.services import storing
from files.uploads import UploadParser, the_file
from files.wire import attachment_json
from inbox.api import docs
from inbox.api.messages import text_arrival
from inbox.api.shapes import TextFileIn, UploadIn
from inbox.channels import channel_for
from inbox.services import posting
from inbox.services.arriving import Attachments
from placet.lib.errors import Faults
from placet.lib.rest import actor_of
from placet.lib.shapes import parse


class Files(APIView):
    @docs.describe(
        "Files of a channel, newest first",
        AttachmentOut(many=True),
        parameters=[docs.CHANNEL],
        tags=["files"],
    )
    def get(self, request: Request) -> Response:
        agent = channel_for(actor_of(request), request.query_params.get("channel"))
        return Response([attachment_json(file) for file in selectors.files_of_channel(agent.id)])


class Upload(APIView):
    parser_classes = [UploadParser]

    @docs.describe(
        "Send a file as a message",
        AttachmentOut,
        code=201,
        request=docs.UPLOAD,
        tags=["files"],
    )
    def post(self, request: Request) -> Response:
        form, arrival = read_form(request)
        message = posting.post_message(
            by=actor_of(request),
            channel=form.get("channelId"),
            attachments=Attachments(arrivals=[arrival]),
        )
        return Response(attachment_json(message.files[0]), status=201)


class Store(APIView):
    parser_classes = [UploadParser]

    @docs.describe(
        "Store a file, to be named in `attachmentIds` within a day",
        AttachmentOut,
        code=201,
        request=docs.UPLOAD,
        tags=["files"],
    )
    def post(self, request: Request) -> Response:
        form, arrival = read_form(request)
        by = actor_of(request)
        agent = channel_for(by, form.get("channelId"), named="channelId")
        file = storing.store_file(by=by, agent_id=agent.id, arrival=arrival)
        return Response(attachment_json(file), status=201)


class StoreText(APIView):
    @docs.describe(
        "Store a text as a file",
        AttachmentOut,
        code=201,
        request=TextFileIn,
        tags=["files"],
    )
    def post(self, request: Request) -> Response:
        body, by = parse(TextFileIn, request.data), actor_of(request)
        agent = channel_for(by, body.get("channelId"), named="channelId")
        file = storing.store_file(by=by, agent_id=agent.id, arrival=text_arrival(body))
        return Response(attachment_json(file), status=201)


def read_form(request: Request) -> tuple[dict[str, str], storing.Arrival]:
    """The fields and the file, whichever came first; what is wrong with both is told at once."""
    data, faults = request.data, Faults()
    fields = {name: data[name] for name in ("channelId", "text") if name in data}
    found: list[storing.Arrival] = []
    form: dict[str, str] = {}
    with faults:
        form = parse(UploadIn, fields)
    with faults:
        found.append(the_file(data))
    faults.tell()
    return form, found[0]
