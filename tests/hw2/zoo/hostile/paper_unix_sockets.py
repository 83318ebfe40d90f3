"""Connects to every named and abstract Unix socket that it can learn of, Docker's and other kernels' too.

Kind: network
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import glob
import socket

answers = {}
names = ["/var/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/private", *glob.glob("/tmp/**/*", recursive=True)[:500], *glob.glob("/run/**/*", recursive=True)[:500]]
names += ["\0mashq", "\0mashq-canary", "\0/tmp/.X11-unix/X0", "\0/tmp/dbus", "\0mashq-47811"]
for line in open("/proc/net/unix").read().splitlines()[1:]:
    parts = line.split()
    if len(parts) > 7:
        names.append(parts[7].replace("@", "\0", 1))
for name in names:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        try:
            with socket.socket(socket.AF_UNIX, kind) as sock:
                sock.settimeout(0.5)
                sock.connect(name)
                print("LEAKED", repr(name))
        except (OSError, ValueError):
            pass
