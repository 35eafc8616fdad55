"""Pages of files."""

from django.urls import path

from inbox.viewer import views

app_name = "files"
urlpatterns = [path("<uuid:file_id>", views.file, name="file")]
