"""A certificate authority that nobody knows, and what it signs."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM
SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
"""Python 3.13 trusts no authority that does not say so, and no certificate that does not name its issuer's key."""


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key.

    Attributes:
        text: The certificate in PEM form.
        key_text: Its key in PEM form.
    """

    made: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def text(self) -> str:
        return self.made.public_bytes(PEM).decode()

    @property
    def key_text(self) -> str:
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return self.key.private_bytes(PEM, *form).decode()

    @property
    def pin(self) -> str:
        """What a browser is told to know the key by: the digest of its public half."""
        public = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(hashlib.sha256(public).digest()).decode()

    def write(self, path: Path) -> Path:
        path.write_text(self.text)
        return path

    def sign(self, *hosts: str) -> Certificate:
        """Issue a certificate for hosts, by name or address."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_identity(host) for host in hosts])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        begun = _begin(hosts[0], self.made.subject, key)
        made = begun.add_extension(names, critical=False).add_extension(issuer, critical=False)
        return Certificate(made.sign(self.key, hashes.SHA256()), key)


def make_authority(name: str = "tests") -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    made = _begin(name, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = made.add_extension(identifier, critical=False).add_extension(SIGNS, critical=True)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return Certificate(made.sign(key, hashes.SHA256()), key)


def _identity(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _begin(name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now, subject = dt.datetime.now(dt.UTC), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    number = x509.random_serial_number()
    # A cluster's clock may be a little behind.
    return x509.CertificateBuilder(
        issuer, subject, key.public_key(), number, now - dt.timedelta(minutes=5), now + dt.timedelta(days=1)
    )
