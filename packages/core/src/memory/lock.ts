/** Lets one holder in at a time, in the order in which they asked: the store's single writer. */
export interface Lock {
  readonly held: boolean;
  /** Resolves to the function that lets the next one in. */
  acquire(): Promise<() => void>;
}

export function createLock(): Lock {
  const waiting: ((release: () => void) => void)[] = [];
  let held = false;

  function releaser(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const next = waiting.shift();
      if (next === undefined) held = false;
      else next(releaser());
    };
  }

  return {
    get held() {
      return held;
    },
    acquire() {
      if (held) return new Promise((resolve) => waiting.push(resolve));
      held = true;
      return Promise.resolve(releaser());
    },
  };
}
