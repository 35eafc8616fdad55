from django.urls import path

from inbox import welcome

app_name = "welcome"
urlpatterns = [
    path("setup/<str:token>/", welcome.setup, name="setup"),
    path("welcome/", welcome.welcome, name="welcome"),
]
