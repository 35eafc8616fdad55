"""The browser's JSON: shapes and codes of the wire contract, and nothing for another site."""

import json
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.test import Client

from accounts.models import User
from tests.cast import PASSWORD

COOKIE = live_settings.SESSION_COOKIE_NAME
ADA = {"email": "ada@example.org", "password": PASSWORD}


def send(client: Client, method: str, path: str, body: Any = None, **more: Any) -> Any:
    call = getattr(client, method)
    return call(path, body if body is not None else {}, content_type="application/json", **more)


@pytest.fixture
def owner(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


@pytest.mark.django_db
def test_login_answers_the_person_and_two_cookies(ada: User, client: Client):
    answer = send(client, "post", "/api/auth/login", ADA)
    assert answer.status_code == 200
    assert answer.json() == {
        "user": {
            "id": str(ada.pk),
            "email": "ada@example.org",
            "displayName": "Ada",
            "role": "member",
            "mustChangePassword": False,
        }
    }
    assert {COOKIE, "csrftoken"} <= set(answer.cookies)
    assert send(client, "get", "/api/auth/me").json() == answer.json()


@pytest.mark.django_db
def test_a_wrong_password_is_401_in_our_error_shape(ada: User, client: Client):
    answer = send(client, "post", "/api/auth/login", {**ADA, "password": "wrong horse"})
    assert answer.status_code == 401
    body = answer.json()
    assert (body["statusCode"], body["code"], body["path"]) == (
        401,
        "wrong_credentials",
        "/api/auth/login",
    )
    assert "wrong horse" not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [{}, {"email": "a@example.org"}, {"password": "x"}, {"email": [], "password": {}}]
)
def test_what_is_missing_is_400(client: Client, body: Any):
    assert send(client, "post", "/api/auth/login", body).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("type", "headers", "status"),
    [
        ("application/x-www-form-urlencoded", {}, 415),
        ("text/plain", {}, 415),
        ("multipart/form-data; boundary=x", {}, 415),
        ("application/json", {"Origin": "https://evil.example"}, 403),
        ("application/json", {"Origin": "null"}, 403),
        ("application/json", {"Origin": "http://testserver:81"}, 403),
        ("application/json", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("application/json", {"Origin": "http://testserver"}, 200),
        ("application/json", {"Origin": live_settings.CSRF_TRUSTED_ORIGINS[0]}, 200),
    ],
)
def test_another_site_signs_nobody_in(
    ada: User, client: Client, type: str, headers: dict[str, str], status: int
):
    body = json.dumps(ADA)
    answer = client.post("/api/auth/login", body, content_type=type, headers=headers)
    assert answer.status_code == status
    assert (COOKIE in answer.cookies) is (status == 200)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/auth/me"),
        ("post", "/api/auth/refresh"),
        ("post", "/api/auth/change-password"),
        ("post", "/api/auth/ws-ticket"),
        ("get", "/api/users"),
        ("post", "/api/users"),
        ("patch", "/api/users/x"),
        ("delete", "/api/users/x"),
        ("get", "/api/preferences"),
        ("patch", "/api/preferences"),
        ("get", "/api/api-keys"),
        ("post", "/api/api-keys"),
        ("delete", "/api/api-keys/x"),
        ("post", "/api/api-keys/x/rotate"),
    ],
)
def test_nobody_is_401_and_a_forged_request_403(ada: User, method: str, path: str):
    stranger = Client()
    assert send(stranger, method, path).status_code == 401
    stranger.cookies[COOKIE] = "not-a-session"
    assert send(stranger, method, path).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    answer = send(strict, method, path)
    if method != "get":
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


@pytest.mark.django_db
def test_a_change_passes_with_the_token_of_the_cookie(ada: User):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    strict.get("/api/auth/me")
    token = strict.cookies["csrftoken"].value
    answer = send(
        strict, "patch", "/api/preferences", {"theme": "dark"}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 200


@pytest.mark.django_db
def test_refresh_sends_the_cookie_again(browser: Client):
    answer = send(browser, "post", "/api/auth/refresh")
    assert answer.status_code == 200
    assert answer.cookies[COOKIE]["max-age"] > 0


@pytest.mark.django_db
def test_logout_clears_the_cookie_and_needs_no_session(browser: Client):
    answer = send(browser, "post", "/api/auth/logout")
    assert (answer.status_code, answer.json()) == (200, {"message": "Logged out"})
    assert answer.cookies[COOKIE].value == ""
    assert send(browser, "get", "/api/auth/me").status_code == 401
    assert send(Client(), "post", "/api/auth/logout").status_code == 200


@pytest.mark.django_db
def test_changing_the_password(browser: Client, ada: User):
    path = "/api/auth/change-password"
    wrong = {"currentPassword": "wrong horse", "newPassword": "another horse battery"}
    assert send(browser, "post", path, wrong).status_code == 401
    assert send(browser, "post", path, {"currentPassword": PASSWORD}).status_code == 400
    short = {"currentPassword": PASSWORD, "newPassword": "s7x!"}
    refused = send(browser, "post", path, short)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "newPassword")
    assert "s7x!" not in refused.content.decode()
    same = {"currentPassword": PASSWORD, "newPassword": PASSWORD}
    assert send(browser, "post", path, same).status_code == 400
    right = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    assert send(browser, "post", path, right).status_code == 200
    assert send(browser, "get", "/api/auth/me").status_code == 200


@pytest.mark.django_db
def test_guessing_the_current_password_is_throttled(browser: Client):
    wrong = {"currentPassword": "wrong horse", "newPassword": "another horse battery"}
    codes = [
        send(browser, "post", "/api/auth/change-password", wrong).status_code for _ in range(11)
    ]
    assert codes == [401] * 10 + [429]


@pytest.mark.django_db
def test_a_temporary_password_opens_one_door(ada: User, client: Client):
    User.objects.filter(pk=ada.pk).update(must_change_password=True)
    answer = send(client, "post", "/api/auth/login", ADA)
    assert answer.json()["user"]["mustChangePassword"] is True
    refused = send(client, "get", "/api/preferences")
    assert (refused.status_code, refused.json()["code"]) == (403, "must_change_password")
    assert client.get("/inbox/").headers["Location"] == "/password/"
    assert client.get("/password/").status_code == 200
    new = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    assert send(client, "post", "/api/auth/change-password", new).status_code == 200
    assert send(client, "get", "/api/preferences").status_code == 200


@pytest.mark.django_db
def test_the_ticket_is_a_string(browser: Client):
    answer = send(browser, "post", "/api/auth/ws-ticket")
    assert (answer.status_code, bool(answer.json()["ticket"])) == (200, True)


@pytest.mark.django_db
def test_people_over_the_wire(owner: Client, olga: User):
    created = send(
        owner, "post", "/api/users", {"email": "grace@example.org", "password": PASSWORD}
    )
    assert created.status_code == 201
    assert set(created.json()) == {"id", "email", "displayName", "role", "isActive", "createdAt"}
    grace = created.json()["id"]
    assert [person["email"] for person in send(owner, "get", "/api/users").json()] == [
        "olga@example.org",
        "grace@example.org",
    ]
    again = send(owner, "post", "/api/users", {"email": "Grace@example.org", "password": PASSWORD})
    assert again.status_code == 409
    for bad in (
        {"email": "grace", "password": PASSWORD},
        {"email": "x@example.org", "password": "s"},
    ):
        assert send(owner, "post", "/api/users", bad).status_code == 400
    changed = send(owner, "patch", f"/api/users/{grace}", {"displayName": "Rear Admiral", "x": 1})
    assert (changed.status_code, changed.json()["displayName"]) == (200, "Rear Admiral")
    assert send(owner, "patch", "/api/users/nobody", {"role": "owner"}).status_code == 404
    assert send(owner, "delete", f"/api/users/{olga.pk}").status_code == 403
    gone = send(owner, "delete", f"/api/users/{grace}")
    assert (gone.status_code, gone.json()) == (200, {"deleted": True})
    assert send(owner, "delete", f"/api/users/{grace}").status_code == 404


@pytest.mark.django_db
def test_members_do_not_manage_people(browser: Client, bob: User):
    assert send(browser, "get", "/api/users").status_code == 403
    assert send(browser, "post", "/api/users", ADA).status_code == 403
    for method in ("patch", "delete"):
        assert send(browser, method, f"/api/users/{bob.pk}").status_code == 403


@pytest.mark.django_db
def test_preferences(browser: Client, ada: User):
    answer = send(
        browser, "patch", "/api/preferences", {"theme": "dark", "managementDashboard": True}
    )
    assert answer.status_code == 200
    body = send(browser, "get", "/api/preferences").json()
    assert set(body) == {"userId", "theme", "shortcuts", "managementDashboard", "updatedAt"}
    assert (body["userId"], body["theme"], body["managementDashboard"]) == (
        str(ada.pk),
        "dark",
        False,
    )
    assert send(browser, "patch", "/api/preferences", {"theme": "pink"}).status_code == 400


@pytest.mark.django_db
def test_keys_over_the_wire(browser: Client, ada: User, bob: User):
    created = send(browser, "post", "/api/api-keys", {"label": "CI"})
    assert created.status_code == 201
    key = created.json()
    assert (key["key"][:3], len(key["key"]), key["label"]) == ("hp_", 51, "CI")
    assert key["userId"] == str(ada.pk)
    [listed] = send(browser, "get", "/api/api-keys").json()
    assert "key" not in listed
    assert listed["keyPrefix"] == key["key"][:11]
    rotated = send(browser, "post", f"/api/api-keys/{key['id']}/rotate")
    assert rotated.status_code == 200
    assert (rotated.json()["id"], rotated.json()["key"] != key["key"]) == (key["id"], True)
    stranger = Client()
    stranger.force_login(bob)
    for method, path in (("delete", key["id"]), ("post", f"{key['id']}/rotate")):
        assert send(stranger, method, f"/api/api-keys/{path}").status_code == 404
    assert send(browser, "delete", f"/api/api-keys/{key['id']}").status_code == 200
    assert send(browser, "delete", f"/api/api-keys/{key['id']}").status_code == 404
    assert send(browser, "get", "/api/api-keys").json() == []


@pytest.mark.django_db
def test_a_key_says_what_it_may_and_for_how_long(browser: Client):
    body = {"label": "R", "scopes": ["read"], "expiresAt": "2099-01-01T00:00:00Z"}
    key = send(browser, "post", "/api/api-keys", body).json()
    assert (key["scopes"], key["expiresAt"]) == (["read"], "2099-01-01T00:00:00.000Z")
    refused: list[dict[str, Any]] = [
        {"label": ""},
        {"scopes": ["all"]},
        {"scopes": []},
        {"expiresAt": "2001-01-01T00:00:00Z"},
    ]
    for bad in refused:
        assert send(browser, "post", "/api/api-keys", bad).status_code == 400
