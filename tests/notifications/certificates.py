"""A certificate authority for tests."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# The machine's clock counts here, not that of a test.
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Name, ec.EllipticCurvePrivateKey],
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer[0])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FIRST)
        .not_valid_after(LAST)
    )
    for each in extensions:
        builder = builder.add_extension(each, critical=True)
    return builder.sign(issuer[1], hashes.SHA256())


def make(folder: Path, host: str) -> tuple[Path, Path, Path]:
    """Write an authority, and the certificate and key of a server; return the three files."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _each in range(2))
    authority = _certificate(
        "Otoritas Uji",
        authority_key,
        (_name("Otoritas Uji"), authority_key),
        x509.BasicConstraints(ca=True, path_length=None),
        x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        ),
    )
    server = _certificate(
        host,
        key,
        (_name("Otoritas Uji"), authority_key),
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]),
    )
    files = (folder / "authority.pem", folder / "server.pem", folder / "server.key")
    for path, each in zip(files, (authority, server), strict=False):
        path.write_bytes(each.public_bytes(serialization.Encoding.PEM))
    files[2].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files
