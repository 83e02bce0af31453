# Python's ssl (libssl) as a client that offers the very same session again and again, for `cargo xtask fleet`.
#
#   replay.py once NAME PAUSE ROUNDS PORT...   a TLS 1.3 session: to all ports at once, then to each in turn
#   replay.py ended NAME LIFE COUNT PORT...    TLS 1.2 sessions: to each port after LIFE seconds
#
# `once` prints "AT_ONCE LATER FAILED": how often the session resumed, and how many connections came to nothing;
# ROUNDS 0 is until standard input ends. `ended` prints "FRESH STALE FAILED".
import os
import random
import select
import socket
import ssl
import sys
import threading
import time

mode, name, third, fourth = sys.argv[1:5]
ports = [int(port) for port in sys.argv[5:]]
chance = random.Random(int(os.environ.get("RESUMPTION_SEED", "1")))
failed = 0


def context(version):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.minimum_version = made.maximum_version = version
    return made


def visit(tls_context, port, session=None, barrier=None):
    """Whether the session resumed, and the session that this connection got."""
    global failed
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            tls = tls_context.wrap_socket(
                raw, server_hostname=name, session=session, do_handshake_on_connect=False
            )
            with tls:
                if barrier:
                    barrier.wait()
                tls.do_handshake()
                request = f"GET /healthz HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
                tls.sendall(request.encode())
                page = b""
                while piece := tls.recv(4096):
                    page += piece
                if not page.startswith(b"HTTP/1.1 200"):
                    raise OSError("no page")
                return tls.session_reused, tls.session
    except OSError as why:
        failed += 1
        print(f"{port}: {why}", file=sys.stderr, flush=True)
        if barrier:
            barrier.abort()
        return False, None
    except threading.BrokenBarrierError:
        failed += 1
        return False, None


def once(tls_context, pause):
    _, session = visit(tls_context, chance.choice(ports))
    if session is None:
        return 0, 0
    time.sleep(pause)
    resumed = []
    barrier = threading.Barrier(len(ports))
    threads = [
        threading.Thread(
            target=lambda port=port: resumed.append(visit(tls_context, port, session, barrier)[0])
        )
        for port in ports
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    later = [visit(tls_context, port, session)[0] for port in ports]
    return sum(resumed), sum(later)


def stdin_has_ended():
    return bool(select.select([sys.stdin], [], [], 0)[0]) and not os.read(0, 1)


if mode == "once":
    tls_context, rounds = context(ssl.TLSVersion.TLSv1_3), int(fourth)
    done = 0
    while done < rounds if rounds else not stdin_has_ended():
        at_once, later = once(tls_context, float(third) / 1000)
        print(at_once, later, failed, flush=True)
        failed, done = 0, done + 1
else:
    tls_context = context(ssl.TLSVersion.TLSv1_2)
    sessions = [visit(tls_context, chance.choice(ports))[1] for _ in range(int(fourth))]
    time.sleep(0.1)
    fresh = sum(visit(tls_context, chance.choice(ports), session)[0] for session in sessions)
    time.sleep(float(third))
    stale = sum(visit(tls_context, port, session)[0] for session in sessions for port in ports)
    print(fresh, stale, failed, flush=True)
