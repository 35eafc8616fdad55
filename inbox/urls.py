from django.urls import path

from inbox.views import chats, files, inbox, respond, shell, status

app_name = "inbox"
urlpatterns = [
    path("inbox/", inbox.page, name="page"),
    path("inbox/<uuid:message_id>/", inbox.page, name="message"),
    path("inbox/<uuid:message_id>/row/", inbox.row, name="row"),
    path("inbox/<uuid:message_id>/card/", inbox.card, name="card"),
    path("reviews/<uuid:review_id>/respond/", respond.respond, name="respond"),
    path("chats/", chats.chats, name="chats"),
    path("chats/lines/", chats.lines, name="chat-lines"),
    path("chats/<uuid:agent_id>/", chats.chat, name="chat"),
    path("chats/<uuid:agent_id>/waits/", chats.waits, name="chat-waits"),
    path("chats/<uuid:agent_id>/write/", chats.write, name="chat-write"),
    path("chats/<uuid:agent_id>/read/", chats.read, name="chat-read"),
    path("messages/<uuid:message_id>/", chats.bubble, name="bubble"),
    path("messages/<uuid:message_id>/files/", chats.attachments, name="message-files"),
    # As it is typed; the links have the stroke, as everywhere.
    path("files", files.page, name="files-typed"),
    path("files/", files.page, name="files"),
    path("files/tiles/", files.tiles, name="files-tiles"),
    path("files/zip/", files.zipped, name="files-zip"),
    path("rail/", shell.rail, name="rail"),
    path("preview/", shell.preview, name="preview"),
    path("status/", status.status, name="status"),
    path("status/tiles/", status.tiles, name="status-tiles"),
    path("status/<uuid:agent_id>/row/", status.row, name="status-row"),
]
