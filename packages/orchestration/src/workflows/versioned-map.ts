/**
 * An immutable map whose next version costs the same however many entries there are: versions of one line share a store of
 * entries, each entry knows since which version it holds. A version that is not the newest of its line starts a line of its own.
 */
export class VersionedMap<V> {
  readonly #line: Line<V>;
  readonly #version: number;

  private constructor(line: Line<V>, version: number) {
    this.#line = line;
    this.#version = version;
  }

  static of<V>(base: Readonly<Record<string, V>>): VersionedMap<V> {
    return new VersionedMap<V>({ entries: new Map(), newest: 0, base }, 0);
  }

  get(key: string): V | undefined {
    let entry = this.#line.entries.get(key);
    while (entry !== undefined && entry.since > this.#version) entry = entry.older;
    if (entry !== undefined) return entry.value;
    const { base } = this.#line;
    if (base instanceof VersionedMap) return base.get(key);
    return Object.hasOwn(base, key) ? base[key] : undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** A version in which `key` has this value; this version is unchanged. */
  with(key: string, value: V): VersionedMap<V> {
    const line = this.#line;
    if (this.#version !== line.newest) {
      return new VersionedMap<V>({ entries: new Map(), newest: 0, base: this }, 0).with(key, value);
    }
    line.newest += 1;
    line.entries.set(key, { since: line.newest, value, older: line.entries.get(key) });
    return new VersionedMap(line, line.newest);
  }

  /** Keys in the order in which they first came. */
  keys(): readonly string[] {
    const { base } = this.#line;
    const keys = new Set(base instanceof VersionedMap ? base.keys() : Object.keys(base));
    for (const key of this.#line.entries.keys()) if (this.has(key)) keys.add(key);
    return [...keys];
  }

  toObject(): Record<string, V> {
    const object: Record<string, V> = {};
    for (const key of this.keys()) {
      const value = this.get(key);
      if (value !== undefined)
        Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
    }
    return object;
  }
}

interface Line<V> {
  readonly entries: Map<string, Entry<V>>;
  newest: number;
  readonly base: Readonly<Record<string, V>> | VersionedMap<V>;
}

interface Entry<V> {
  readonly since: number;
  readonly value: V;
  readonly older: Entry<V> | undefined;
}

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** A read-only object over a map, made without copying it; reads, `in`, spread and JSON see the map's entries. */
export function objectView<V>(
  map: VersionedMap<V>,
  present: (value: V, key: string) => unknown = (value) => value,
): Readonly<Record<string, V>> {
  const read = (key: string | symbol): unknown => {
    if (typeof key !== "string") return undefined;
    const value = map.get(key);
    return value === undefined ? undefined : present(value, key);
  };
  return new Proxy(
    // console.log looks behind a proxy; without this it would show every view as {}.
    { [inspect]: () => map.toObject() },
    {
      get: (_, key) => read(key),
      has: (_, key) => typeof key === "string" && map.has(key),
      ownKeys: () => [...map.keys()],
      getOwnPropertyDescriptor: (_, key) => {
        const value = read(key);
        return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: false };
      },
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
    },
  );
}
