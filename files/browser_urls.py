"""The browser's JSON for files by their ids, mounted at /api/."""

from django.urls import path

from files import browser_api

app_name = "files-api"
urlpatterns = [
    path("files/bulk-delete", browser_api.BulkDelete.as_view(), name="bulk-delete"),
    path("files/bulk-download", browser_api.BulkDownload.as_view(), name="bulk-download"),
    path("files/<str:file_id>", browser_api.File.as_view(), name="file"),
    path("files/<str:file_id>/download", browser_api.Download.as_view(), name="download"),
    path("files/<str:file_id>/preview", browser_api.Preview.as_view(), name="preview"),
    path(
        "files/<str:file_id>/preview/<str:name>",
        browser_api.PreviewPicture.as_view(),
        name="preview-picture",
    ),
    path("files/<str:file_id>/page", browser_api.Page.as_view(), name="page"),
    path("files/<str:file_id>/marks", browser_api.Marks.as_view(), name="marks"),
    path("files/<str:file_id>/marks/done", browser_api.DrawnMarks.as_view(), name="marks-done"),
    path("files/<str:file_id>/share", browser_api.Share.as_view(), name="share"),
    path("share/<str:token>", browser_api.Shared.as_view(), name="shared"),
]
