"""Behind the nginx of deploy/nginx.conf: TLS, websockets, long waits, and whose word counts."""

import json
import re
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from uvicorn import Config
from websockets.sync.client import connect
from websockets.typing import Origin

from placet.lib.clock import now
from tests import needs
from tests.processes import (
    OWNER,
    ROOT,
    AgentClient,
    Client,
    Human,
    Process,
    Server,
    clean_environment,
    free_port,
    until,
)
from tests.test_docs import STRICT, blocks, run

pytestmark = [pytest.mark.processes, needs.nginx]
CONF = (ROOT / "deploy" / "nginx.conf").read_text()
TOKEN = "only-for-prometheus-only-for-prometheus"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ALONE = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {conf}
}}
"""


@dataclass
class Front:
    """nginx with a Placet behind it; `url` is the one people use."""

    url: str
    plain: str
    server: Server
    nginx: Process
    certificate: Path
    log: Path

    def robot(self) -> AgentClient:
        robot = self.server.robot("Behind a proxy").at(self.url)
        robot.session.verify = str(self.certificate)
        return robot


class Visitor(Human):
    """The owner, who claims to be somewhere else."""

    def __init__(self, front: Front) -> None:
        Client.__init__(self, front.url)
        self.session.verify = str(front.certificate)
        # As browsers do over https.
        self.session.headers["Referer"] = f"{front.url}/"
        self.session.headers["X-Forwarded-For"] = "203.0.113.9"
        login = {"email": OWNER.email, "password": OWNER.password}
        assert self.post("/api/auth/login", login).ok


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    certificate, key = signed_by_itself(folder)
    tls, plain = free_port(), free_port()
    url = f"https://localhost:{tls}"
    env = {
        "PLACET_URL": url,
        "PLACET_BEHIND_PROXY": "true",
        "PLACET_LOG_FORMAT": "json",
        "PLACET_METRICS_TOKEN": TOKEN,
    }
    with Server(env) as server:
        changes = {
            "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "placet.example.org": "localhost",
            "127.0.0.1:8000": f"127.0.0.1:{server.port}",
            "/etc/ssl/placet.crt": str(certificate),
            "/etc/ssl/placet.key": str(key),
            "/var/log/nginx/placet.log": f"{folder}/access.log",
        }
        conf = CONF
        for said, here in changes.items():
            assert said in conf
            conf = conf.replace(said, here)
        (folder / "nginx.conf").write_text(ALONE.format(folder=folder, conf=conf))
        arguments = [str(needs.nginx_binary()), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        nginx = Process(arguments, env=clean_environment(), log=folder / "nginx.log")
        nginx.launch()
        front = Front(
            url, f"http://localhost:{plain}", server, nginx, certificate, folder / "access.log"
        )
        try:
            until(lambda: nginx.running and answers(front))
            yield front
        finally:
            nginx.stop()


def signed_by_itself(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost, and its key."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    building = x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
    building = building.not_valid_before(now() - timedelta(days=1))
    building = building.not_valid_after(now() + timedelta(days=1))
    building = building.add_extension(
        x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
    )
    certificate, key = folder / "placet.crt", folder / "placet.key"
    pem = serialization.Encoding.PEM
    certificate.write_bytes(building.sign(secret, hashes.SHA256()).public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key.write_bytes(secret.private_bytes(pem, *plain))
    return certificate, key


def answers(front: Front) -> bool:
    try:
        return requests.get(f"{front.url}/health", verify=str(front.certificate), timeout=5).ok
    except requests.ConnectionError:
        return False


def test_what_the_readme_says_works_through_it(front: Front, tmp_path: Path) -> None:
    robot = front.robot()
    for _, code in blocks("README.md"):
        ours = code.replace("http://127.0.0.1:8000", front.url)
        ours = ours.replace("hp_your-key-here", robot.key)
        answer = run(STRICT + ours, tmp_path, CURL_CA_BUNDLE=str(front.certificate))
        assert '"senderType":"agent"' in answer


def test_a_wait_is_released_through_it(front: Front) -> None:
    robot, human = front.robot(), Visitor(front)
    message = robot.ask()
    with ThreadPoolExecutor(1) as pool:
        parked = pool.submit(robot.wait, message["id"], 30_000)
        until(lambda: "placet_waits_parked 1.0" in figures(front))
        assert human.respond(message["id"], {"selectedOption": "approve"}).status_code == 201
        assert parked.result(10)["status"] == "completed"


def test_a_wait_may_last_as_long_as_placet_allows() -> None:
    (patience,) = re.findall(r"proxy_read_timeout (\d+)s;", CONF)
    assert int(patience) * 1000 > settings.PLACET_WAIT_MAX_MS


def test_it_lets_go_of_idle_connections_before_placet_does() -> None:
    (patience,) = re.findall(r"    keepalive_timeout (\d+)s;", CONF)
    assert int(patience) < Config(app="").timeout_keep_alive


def test_a_socket_hears_through_it(front: Front) -> None:
    human, robot = Visitor(front), front.robot()
    trusting = ssl.create_default_context(cafile=str(front.certificate))
    address = front.url.replace("https", "wss") + "/ws/inbox/"
    headers = {"Cookie": human.cookies}
    with connect(
        address, origin=Origin(front.url), additional_headers=headers, ssl=trusting, proxy=None
    ) as heard:
        message = robot.say("Heard?")
        assert json.loads(heard.recv(timeout=10))["messageId"] == message["id"]


def test_the_proxy_says_who_asks_and_not_the_client(front: Front) -> None:
    human = Visitor(front)
    page = human.get("/settings/sessions/").text
    assert "127.0.0.1" in page
    assert "203.0.113.9" not in page


def test_plain_http_is_sent_to_https_and_sessions_are_for_https_alone(front: Front) -> None:
    sent = requests.get(f"{front.plain}/inbox/", allow_redirects=False, timeout=10)
    assert (sent.status_code, sent.headers["Location"]) == (301, "https://localhost/inbox/")
    human = Visitor(front)
    assert all(cookie.secure for cookie in human.session.cookies)
    assert "max-age=" in human.get("/inbox/").headers["Strict-Transport-Security"]


def test_one_name_of_a_request_stands_in_both_logs_and_no_path_does(front: Front) -> None:
    answer = front.robot().get("/api/v1/messages", search="hush", channel="hush")
    name = answer.headers["X-Request-Id"]
    until(lambda: name in front.log.read_text())
    until(lambda: name in front.server.log)
    assert "hush" not in front.log.read_text() + front.server.log
    assert "api" not in front.log.read_text()


def test_a_body_that_is_too_large_is_refused_by_placet_in_its_own_words(front: Front) -> None:
    answer = front.robot().post("/api/v1/messages", {"text": "x" * 1_100_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_big")


def test_figures_are_for_those_who_ask_the_process(front: Front) -> None:
    outside = requests.get(
        f"{front.url}/metrics", headers=BEARER, verify=str(front.certificate), timeout=10
    )
    assert outside.status_code == 404
    assert "placet_database_up 1.0" in figures(front)


def figures(front: Front) -> str:
    return requests.get(f"{front.server.url}/metrics", headers=BEARER, timeout=10).text
