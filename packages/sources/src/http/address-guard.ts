import { lookup } from "node:dns";
import { BlockList, isIP } from "node:net";
import { SourceError } from "@spine/core";
import { buildConnector } from "undici";

/** Networks that are nobody's public service (IANA special-purpose registries, RFC 6890 and later). */
const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  privateNetworks.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 128],
  ["::1", 128],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const)
  privateNetworks.addSubnet(network, prefix, "ipv6");

/** Whether an IP address is of a private, local or reserved network; IPv4 written as IPv6 counts as IPv4. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return privateNetworks.check(address, "ipv4");
  if (family === 6) return privateNetworks.check(address, "ipv6");
  return true;
}

/** The host of an address when it is an IP address; `new URL` has made one of every way to write it (`2130706433`, `0x7f.1`). */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? undefined : host;
}

export function addressRefused(host: string): SourceError {
  const remedy = "Write the address into the source instead of a parameter, or pass allowPrivateAddresses: true.";
  return new SourceError(`"${host}" leads into a private network. ${remedy}`, {
    code: "ADDRESS_REFUSED",
    context: { host, remedy },
  });
}

/**
 * Connects to public addresses only. A literal address is looked at itself, as Node looks none up; a name is looked up once and the
 * address that was looked at is the one that is connected to, so that a second answer of the name server cannot slip in.
 */
export function guardedConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: guardedLookup });
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0 && isPrivateAddress(host)) {
      callback(addressRefused(host), null);
      return;
    }
    connect(target, callback);
  };
}

type Lookup = typeof lookup;

const guardedLookup = ((
  host: string,
  options: object,
  callback: (error: Error | null, ...found: unknown[]) => void,
) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error !== null) {
      callback(error);
      return;
    }
    if (found.length === 0 || found.some(({ address }) => isPrivateAddress(address))) {
      callback(addressRefused(host));
      return;
    }
    if ((options as { readonly all?: boolean }).all === true) callback(null, found);
    else callback(null, found[0]?.address, found[0]?.family);
  });
}) as Lookup;
