/** Two hosts on this machine: network namespaces with names of their own, joined by a cable, for runs over TCP. */

const SUBNET = "10.77.83";

/** Hosts that `mpirun` can start ranks on. */
export interface TwoHosts extends AsyncDisposable {
  /** What starts a command on the first host. */
  readonly on: (command: readonly string[]) => string[];
  /** Arguments of mpirun for ranks on both hosts, in turn. */
  readonly launch: readonly string[];
  /** Bytes that the first host has sent to the other. */
  sent(): Promise<number>;
}

async function ip(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("ip", { args }).output();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

/** What keeps hosts from being made here, or nothing. */
export function lackingForHosts(): string | undefined {
  try {
    const name = `amid-probe-${Deno.pid}`;
    const run = (...args: string[]) => new Deno.Command("ip", { args, stderr: "piped", stdout: "null" }).outputSync();
    const { success, stderr } = run("netns", "add", name);
    if (!success) return `network namespaces cannot be made: ${new TextDecoder().decode(stderr).trim()}`;
    run("netns", "del", name);
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "iproute2 is absent";
    if (error instanceof Deno.errors.NotCapable) return "the tests may not run programs";
    throw error;
  }
}

/** Makes two hosts; disposing of them takes them away. */
export async function twoHosts(): Promise<TwoHosts> {
  const names = ["a", "b"].map((letter) => `amid-${Deno.pid}-${letter}`);
  const cables = ["a", "b"].map((letter) => `am${Deno.pid}${letter}`);
  const addresses = ["1", "2"].map((number) => `${SUBNET}.${number}`);
  for (const name of names) await ip("netns", "add", name);
  await ip("link", "add", cables[0], "netns", names[0], "type", "veth", "peer", "name", cables[1], "netns", names[1]);
  for (const [index, name] of names.entries()) {
    await ip("-n", name, "addr", "add", `${addresses[index]}/24`, "dev", cables[index]);
    await ip("-n", name, "link", "set", "lo", "up");
    await ip("-n", name, "link", "set", cables[index], "up");
  }
  // What mpirun calls in ssh's place: host, command.
  const agent = await Deno.makeTempFile({ suffix: ".sh" });
  const enter = (name: string, command: string) =>
    `ip netns exec ${name} unshare --uts bash -c "hostname ${name}; ${command}"`;
  await Deno.writeTextFile(
    agent,
    `#!/usr/bin/env bash\nhost=$1; shift\ncase $host in\n` +
      names.map((name, index) => `${addresses[index]}) exec ${enter(name, "$*")};;`).join("\n") + "\nesac\nexit 7\n",
    { mode: 0o755 },
  );
  return {
    on: (command) => {
      const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
      return [
        "ip",
        "netns",
        "exec",
        names[0],
        "unshare",
        "--uts",
        "bash",
        "-c",
        `hostname ${names[0]}; exec ${quoted}`,
      ];
    },
    launch: [
      "--mca",
      "plm_rsh_agent",
      agent,
      "--mca",
      "btl",
      "tcp,self",
      "--mca",
      "btl_tcp_if_include",
      `${SUBNET}.0/24`,
      "--mca",
      "oob_tcp_if_include",
      `${SUBNET}.0/24`,
      "--map-by",
      "node",
      "--host",
      addresses.map((address) => `${address}:8`).join(),
    ],
    async sent() {
      const [link] = JSON.parse(await ip("-n", names[0], "-s", "-j", "link", "show", cables[0]));
      return link.stats64.tx.bytes;
    },
    async [Symbol.asyncDispose]() {
      for (const name of names) await ip("netns", "del", name);
      await Deno.remove(agent);
    },
  };
}
