"""What must never be shown."""

from types import ModuleType


def test_a_model_hides_its_secrets(package: ModuleType) -> None:
    """The repr has the other fields alone; what is unknown might be secret too."""
    key = package.keys.Key("n", "s3cr3t", 1234, "sp4re", ["0ld"], {"x": "unkn0wn"})

    assert repr(key) == "Key(name='n')"


def test_a_call_hides_its_secrets(package: ModuleType) -> None:
    """Parameters are masked by the name they have on the wire."""
    call = package.keys.turn("t1cket", "n", 1234)
    shown = repr(call)

    assert call.secrets == ("ticket", "pinCode")
    assert "name='n'" in shown
    assert "t1cket" not in shown
    assert "1234" not in shown


def test_a_call_hides_the_secrets_inside_its_models(package: ModuleType) -> None:
    """What is secret in a model is secret in a call that sends the model."""
    call = package.keys.keep([package.keys.Key("front door", "s3cr3t", 1234, older=["0ld"])])
    shown = repr(call)

    assert "'name': 'front door'" in shown
    assert not [secret for secret in ("s3cr3t", "1234", "0ld") if secret in shown]


def test_the_catalog_knows_what_is_secret(package: ModuleType) -> None:
    """So does whoever reads the specification as data."""
    endpoint = package.catalog.CATALOG.endpoints["keys.turn"]

    assert [field.name for field in (*endpoint.query, *endpoint.body) if field.secret] == [
        "ticket",
        "pin",
    ]
