"""Checks deploy/ against the server: every setting, port, probe, metric, secret and name that is used
there must be one. Called by scripts/deploy with the server's binary."""

import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import yaml

BINARY = sys.argv[1]
DEPLOY = pathlib.Path("deploy")
KUBERNETES = DEPLOY / "kubernetes"


def load(path):
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


def server(*args, env=None):
    """What the server prints, in this environment alone."""
    done = subprocess.run([BINARY, *args], env=env or {}, capture_output=True, text=True)
    assert done.returncode == 0, f"{args} in {env}: {done.stderr}{done.stdout}"
    return done.stdout


def settings(env, args=()):
    """The settings that a server with this environment would start with."""
    server("config", "check", *args, env=env)
    return tomllib.loads(server("config", "print", *args, env=env))


def image():
    """Environment, ports and user of the image."""
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    last = text[text.rindex("\nFROM ") :]
    env = dict(pair.split("=", 1) for pair in re.search(r"^ENV (.*)$", last, re.M)[1].split())
    ports = {int(port) for port in re.search(r"^EXPOSE (.*)$", last, re.M)[1].split()}
    return env, ports, int(re.search(r"^USER (\d+):\d+$", last, re.M)[1])


def time_to_stop(config):
    """Rooms, sockets and the log have limits.drain_ms each."""
    return 3 * config["limits"]["drain_ms"] / 1000


def compose(folder):
    file = load(DEPLOY / "compose.yaml")[0]
    services = file["services"]
    names = {name: one for name, one in services.items() if one["image"] == "sovereign-server"}
    nodes = {name: one for name, one in names.items() if "command" not in one}
    assert set(nodes) == {"n1", "n2", "n3"}
    connections = 0
    for name, one in names.items():
        assert all(secret in file["secrets"] for secret in one["secrets"])
        assert one["read_only"] and one["cap_drop"] == ["ALL"]
        server(*one.get("command", ["config", "schema"]), "--help")
        text = yaml.dump(IMAGE_ENV | one["environment"]).replace("/run/secrets", folder)
        config = settings(yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)))
        assert config["server"]["origins"] == ["https://localhost:8443"]
        if name not in nodes:
            continue
        address = one["networks"]["inner"]["ipv4_address"]
        assert config["cluster"]["node"] == name
        assert config["cluster"]["address"] == f"{address}:{config['cluster']['port']}"
        assert f"{name}:{address}" in services["nginx"]["extra_hosts"]
        assert int(one["stop_grace_period"].removesuffix("s")) > time_to_stop(config)
        limits = config["limits"]
        connections += limits["postgres_connections"] + limits["postgres_log_connections"]
    proxy = services["nginx"]["networks"]["inner"]["ipv4_address"]
    assert config["server"]["trusted_proxies"] == [proxy]
    bears = re.search(r"max_connections=(\d+)", " ".join(services["postgres"]["command"]))
    assert int(bears[1]) > connections + 10, connections
    for secret in file["secrets"].values():
        assert (pathlib.Path(folder) / pathlib.Path(secret["file"]).name).is_file()
    for name in ["develop-postgres", "develop-redis"]:
        assert services[name]["profiles"] == ["develop"]
        assert all(port.startswith("127.0.0.1:") for port in services[name]["ports"])


def pod(template, folder, replace):
    """The settings of a pod's only container, and the container."""
    spec = template["spec"]
    [container] = spec["containers"]
    security = container["securityContext"]
    assert spec["securityContext"]["runAsNonRoot"] and not spec["automountServiceAccountToken"]
    assert spec["securityContext"]["runAsUser"] == IMAGE_USER
    assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"]
    assert spec["enableServiceLinks"] is False
    volumes = {volume["name"] for volume in spec["volumes"]}
    assert volumes == {mount["name"] for mount in container["volumeMounts"]}
    env, known = dict(IMAGE_ENV), {"metadata.name": "sovereign-0", "status.podIP": "10.1.2.3"}
    for one in container["env"]:
        value = one.get("value") or known[one["valueFrom"]["fieldRef"]["fieldPath"]]
        env[one["name"]] = re.sub(r"\$\((\w+)\)", lambda name: env[name[1]], value)
    args = [re.sub(r"\$\((\w+)\)", lambda name: env[name[1]], arg) for arg in container["args"]]
    for old, new in replace.items():
        args = [arg.replace(old, new) for arg in args]
        env = {name: value.replace(old, new) for name, value in env.items()}
    commands = [arg for arg in args if arg in ("migrate", "up")]
    if commands:
        server(*commands, "--help")
        args = args[len(commands) :]
    return settings(env, args), container


def selects(selector, labels):
    return selector.items() <= labels.items()


def kubernetes(folder):
    # As it is mounted: secrets and settings, each in a folder of its own.
    text = (KUBERNETES / "settings.toml").read_text().replace("/etc/sovereign/secrets", folder)
    (pathlib.Path(folder) / "settings.toml").write_text(text)
    mounted = {"/etc/sovereign/settings": folder, "/etc/sovereign/secrets": folder}

    things = {}
    for place in [KUBERNETES, KUBERNETES / "migrate"]:
        [kustomization] = load(place / "kustomization.yaml")
        files = {path.name for path in place.glob("*.yaml")} - {"kustomization.yaml"}
        assert set(kustomization["resources"]) == files, place
        for name in files:
            for thing in load(place / name):
                things[thing["kind"], thing["metadata"]["name"]] = thing
    nodes = things["StatefulSet", "sovereign"]["spec"]
    labels = nodes["template"]["metadata"]["labels"]
    config, container = pod(nodes["template"], folder, mounted)
    pod(things["Job", "sovereign-migrate"]["spec"]["template"], folder, mounted)

    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    told = config["server"]["port"], config["server"]["ops_port"], config["cluster"]["port"]
    assert (ports["public"], ports["ops"], ports["peers"]) == told
    assert set(ports.values()) == IMAGE_PORTS
    assert config["cluster"]["node"] == "sovereign-0"
    assert config["cluster"]["address"] == f"10.1.2.3:{ports['peers']}"
    assert all(config[part]["bind"] == "0.0.0.0" for part in ["server", "cluster"])
    probes = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
    for probe, path in probes.items():
        assert container[probe]["httpGet"] == {"path": path, "port": "ops"}
    annotations = nodes["template"]["metadata"]["annotations"]
    assert int(annotations["prometheus.io/port"]) == ports["ops"]
    waits = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    grace = nodes["template"]["spec"]["terminationGracePeriodSeconds"]
    assert grace > waits + time_to_stop(config)

    services = {name: one["spec"] for (kind, name), one in things.items() if kind == "Service"}
    assert nodes["serviceName"] in services
    for service in services.values():
        assert selects(service["selector"], labels)
        assert all(port["targetPort"] in ports for port in service["ports"])
    selectors = [nodes["selector"], things["PodDisruptionBudget", "sovereign"]["spec"]["selector"]]
    policies = [one["spec"] for (kind, _), one in things.items() if kind == "NetworkPolicy"]
    for selector in selectors + [policy["podSelector"] for policy in policies]:
        assert selects(selector["matchLabels"], labels), selector
    for rule in [rule for policy in policies for rule in policy.get("ingress", [])]:
        assert all(port["port"] in ports for port in rule["ports"])
    for rule in things["Ingress", "sovereign"]["spec"]["rules"]:
        assert f"https://{rule['host']}" in config["server"]["origins"]
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            names = [port["name"] for port in services[backend["name"]]["ports"]]
            assert backend["port"]["name"] in names
    scaler = things["HorizontalPodAutoscaler", "sovereign"]["spec"]
    target = scaler["scaleTargetRef"]
    assert (target["kind"], target["name"]) in things
    gauges = re.findall(r"^\| `(\w+)` \| gauge \|", server("config", "schema"), re.M)
    for metric in scaler["metrics"]:
        assert metric["pods"]["metric"]["name"] in gauges, metric


def unit():
    text = (DEPLOY / "sovereign-server.service").read_text()
    stop = int(re.search(r"^TimeoutStopSec=(\d+)$", text, re.M)[1])
    assert stop > time_to_stop(settings({}))


IMAGE_ENV, IMAGE_PORTS, IMAGE_USER = image()
assert IMAGE_USER != 0
with tempfile.TemporaryDirectory() as parent:
    folder = f"{parent}/secrets"
    subprocess.run([DEPLOY / "new-secrets", folder], check=True, stdout=subprocess.DEVNULL)
    (pathlib.Path(folder) / "redis-url").write_text("redis://redis/")
    compose(folder)
    kubernetes(folder)
    unit()
print("deploy/ fits the server")
