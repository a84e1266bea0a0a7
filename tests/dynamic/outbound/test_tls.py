"""Secure connections, with certificates made on the spot."""

import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dynamic.flow.exchange import Response, Unreachable

Send = Callable[..., Awaitable[Response]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def server_side(tmp_path: Path) -> ssl.SSLContext:
    """A server whose certificate nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_it_trusts_no_certificate_that_nobody_vouches_for(
    listen, send: Send, server_side: ssl.SSLContext
) -> None:
    listener = await listen(OK, ssl=server_side)
    with pytest.raises(Unreachable) as failure:
        await send(f"https://127.0.0.1:{listener.port}/?key=hunter2")
    assert str(failure.value) == (
        "127.0.0.1 has a certificate that is not to be trusted: self-signed certificate."
    )
    assert listener.heads == []


async def test_it_says_so_when_the_server_speaks_no_tls(listen, send: Send) -> None:
    async def plain(reader, writer) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    listener = await listen(plain)
    with pytest.raises(Unreachable, match=r"^No secure connection \(TLS\) to 127\.0\.0\.1"):
        await send(f"https://127.0.0.1:{listener.port}/")
    await listener.all_gone()
