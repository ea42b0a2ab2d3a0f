/** A promise that a test opens by hand, to hold something where it is. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  const waiting = new EventTarget();
  return {
    opened: new Promise((resolve) => {
      waiting.addEventListener("open", () => resolve());
    }),
    open: () => void waiting.dispatchEvent(new Event("open")),
  };
}
