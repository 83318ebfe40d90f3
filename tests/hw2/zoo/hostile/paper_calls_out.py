"""Sends what it has out: loopback ports of the grader's machine, DNS, public addresses, raw and odd sockets.

Kind: network
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import socket

answers = {}
for host, port in (("127.0.0.1", 47811), ("::1", 47811), ("localhost", 8786), ("127.0.0.1", 8888), ("192.0.2.1", 80), ("10.0.2.2", 22), ("169.254.169.254", 80)):
    try:
        with socket.create_connection((host, port), timeout=1) as sock:
            sock.settimeout(1)
            sock.sendall(b"hello")
            print("LEAKED", host, port, sock.recv(40))
    except OSError:
        pass
for family, kind, protocol in ((socket.AF_INET, socket.SOCK_RAW, 1), (17, socket.SOCK_RAW, 768), (16, socket.SOCK_RAW, 0), (40, socket.SOCK_STREAM, 0), (38, 5, 0), (44, socket.SOCK_RAW, 0), (31, socket.SOCK_RAW, 1)):
    try:
        print("LEAKED", socket.socket(family, kind, protocol))
    except OSError:
        pass
try:
    print("LEAKED", socket.getaddrinfo("example.com", 80))
except OSError:
    pass
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        print("LEAKED", sock.sendto(b"hello", ("192.0.2.1", 53)))
except OSError:
    pass
