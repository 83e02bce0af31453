# Python's ssl as a client whose every connection is decided from outside: an order a line, as
# crates/resumption-server/examples/rustls-client.rs explains them.
import socket
import ssl
import sys

contexts, kept = {}, {}


def context(version, certificate, key):
    """One for each certificate: Python offers a session only in the context that it came from."""
    found = contexts.get((version, certificate))
    if found is None:
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        found.check_hostname = False
        found.verify_mode = ssl.CERT_NONE
        found.minimum_version = found.maximum_version = version
        if certificate != "-":
            found.load_cert_chain(certificate, key)
        contexts[version, certificate] = found
    return found


def visit(port, name, version, offer, keep, certificate, key):
    version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
    kind, page = "full", b""
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=20) as raw:
            with context(version, certificate, key).wrap_socket(
                raw, server_hostname=name, session=kept.get(offer)
            ) as tls:
                kind = "resumed" if tls.session_reused else "full"
                request = f"GET /healthz HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
                tls.sendall(request.encode())
                while piece := tls.recv(4096):
                    page += piece
                if keep != "-":
                    kept[keep] = tls.session
    except OSError as why:
        return f"{kind} refused {why}"
    return f"{kind} answered" if page.startswith(b"HTTP/1.1 200") else f"{kind} refused"


for order in sys.stdin:
    print(visit(*order.split()), flush=True)
