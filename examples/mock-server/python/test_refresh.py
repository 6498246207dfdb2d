"""A client in another language, driven over the remote control: ellipsis-oauth-mock --remote-control"""

import json
import os
import unittest
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen

base_url = os.environ.get("ELLIPSIS_OAUTH_BASE_URL", "http://127.0.0.1:4400/v3")


def control(name, **options):
    """What a test in JavaScript calls as server.<name>(options)."""
    url = urljoin(base_url, f"/__mock/{name}")
    body = json.dumps(options).encode()
    with urlopen(Request(url, body, {"content-type": "application/json"})) as response:
        return json.load(response)


def token(**parameters):
    client = {"client_id": "demo-app", "client_secret": "demo-secret"}
    with urlopen(f"{base_url}/oauth/token", urlencode({**client, **parameters}).encode()) as response:
        return json.load(response)


class RefreshTest(unittest.TestCase):
    def setUp(self):
        control("reset")

    def test_failure_then_success(self):
        code = control("authorize", clientId="demo-app")["code"]
        login = token(grant_type="authorization_code", authorization_code=code)
        control("clock/advance", by="1 hour")
        control("faults/next", target="refresh", faults=["unavailable"])
        with self.assertRaises(HTTPError) as failed:
            token(grant_type="refresh_token", refresh_token=login["refresh_token"])
        self.assertEqual(failed.exception.code, 503)
        control("clock/advance", by="2 seconds")
        self.assertIn("access_token", token(grant_type="refresh_token", refresh_token=login["refresh_token"]))


if __name__ == "__main__":
    unittest.main()
