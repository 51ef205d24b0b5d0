"""What `ROCC_SSO` says, and every way in which it can be wrong."""

import json

import pytest
from environs import ValidationError

from rocc.environment import WrongEnvironment, read
from rocc.single_sign_on import is_secure, providers

POLICE = {
    "id": "police",
    "name": "Police",
    "issuer": "https://login.example.govt.nz/police",
    "client_id": "tracker",
    "client_secret": "s3cret",
    "domains": ["Police.govt.nz", "tas.police.govt.nz"],
}
CORRECTIONS = POLICE | {"id": "corrections", "issuer": "https://sso.example/c", "domains": ["corrections.govt.nz"]}


def faults(*entries):
    """Return what is said to be wrong with the providers."""
    with pytest.raises(ValidationError) as wrong:
        providers(json.dumps(entries))
    return wrong.value.messages


def test_providers_are_read_with_their_secrets(tmp_path):
    (tmp_path / "secret").write_text("from a file\n")
    other = {name: value for name, value in CORRECTIONS.items() if name != "client_secret"}
    police, corrections = providers(json.dumps([POLICE, other | {"client_secret_file": str(tmp_path / "secret")}]))

    assert (police.client_secret, police.domains) == ("s3cret", ("police.govt.nz", "tas.police.govt.nz"))
    assert corrections.client_secret == "from a file"
    assert providers(" ") == []


@pytest.mark.parametrize("text", ["police", "{}", '["police"]'])
def test_text_that_lists_no_providers_is_refused_with_an_example(text):
    with pytest.raises(ValidationError, match=r'Write \[\{"id": "police"'):
        providers(text)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"issuer": ""}, "issuer is missing. Write it as text."),
        ({"issuer": "http://login.example"}, "issuer 'http://login.example' does not begin with https://."),
        ({"issuer": "https://"}, "issuer 'https://' does not begin with https://."),
        ({"issuer": "https://a.example/.well-known/openid-configuration"}, "is not an issuer."),
        ({"issuer": "https://a.example/" + "x" * 200}, "issuer is longer than 200 characters."),
        ({"id": "Police NZ"}, "id 'Police NZ' stands in addresses."),
        ({"name": 7}, "name is missing. Write it as text."),
        ({"domains": []}, "domains are missing."),
        ({"domains": "police.govt.nz"}, "domains are missing."),
        ({"domains": ["@police.govt.nz"]}, "domain '@police.govt.nz' is not the end of an email address."),
        ({"client_secret": ""}, "client_secret is missing."),
        ({"client_secret": 7}, "client_secret is not text."),
        ({"client_secret_file": "/nowhere"}, "client_secret is missing."),
        ({"client_secret": "", "client_secret_file": "/nowhere"}, "client_secret_file '/nowhere' cannot be read"),
        ({"isuer": "https://a.example"}, "isuer is no key of a provider. The keys are id, name, issuer,"),
    ],
)
def test_wrong_part_of_a_provider_is_named(changed, fault):
    (said,) = faults(POLICE | changed)

    assert said.startswith(f"provider {(POLICE | changed)['id']}: ")
    assert fault in said


def test_all_faults_are_named_at_once_and_what_two_providers_claim():
    assert len(faults({})) == 6
    assert faults(POLICE, CORRECTIONS | {"domains": ["POLICE.govt.nz"]}) == [
        "domain police.govt.nz is claimed by two providers. It can be that of one only."
    ]
    assert [said.partition(" is ")[0] for said in faults(POLICE, POLICE)] == [
        "id police",
        "issuer https://login.example.govt.nz/police",
        "domain police.govt.nz",
        "domain tas.police.govt.nz",
    ]


def test_only_this_machine_is_secure_without_https():
    good = ["https://a.example", "http://localhost:8080/a", "http://127.0.0.1:1", "http://[::1]:1"]
    bad = ["http://a.example", "http://127.0.0.1.a.example", "ftp://localhost", "https:/a", "//a.example", "https://[a"]

    assert [url for url in [*good, *bad] if is_secure(url)] == good


def test_site_without_passwords_and_without_providers_does_not_start(monkeypatch):
    monkeypatch.setenv("ROCC_PASSWORDS", "off")
    monkeypatch.setenv("ROCC_BREAK_GLASS", "root")
    with pytest.raises(WrongEnvironment) as wrong:
        read()
    assert str(wrong.value).splitlines() == [
        "ROCC_BREAK_GLASS: 'root' is not an email address. Write that of a superuser.",
        "ROCC_PASSWORDS: off, and ROCC_SSO names no provider. No one could sign in. Set ROCC_SSO first.",
    ]

    monkeypatch.setenv("ROCC_BREAK_GLASS", "Root@programme.example")
    monkeypatch.setenv("ROCC_SSO", json.dumps([POLICE]))
    found = read()
    assert (found.break_glass, found.sign_in_providers[0].id) == ("root@programme.example", "police")
