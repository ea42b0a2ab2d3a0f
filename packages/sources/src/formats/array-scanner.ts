const quoteCode = 34;
const commaCode = 44;
const colonCode = 58;
const openArray = 91;
const backslash = 92;
const closeArray = 93;
const openObject = 123;
const closeObject = 125;

/** Fields in which services put their rows, looked for at the top of a document that is no array. */
export const rowFields: readonly string[] = Object.freeze(["data", "items", "results", "records", "rows"]);

export interface ArrayScannerOptions {
  /** Fields from the top to the array; undefined: the document itself, or one of {@link rowFields}. */
  readonly path: readonly string[] | undefined;
  /** Characters that one element, or everything around the array, may have. */
  readonly maxLength: number;
  /** Takes the text of one element; false ends the scan. `isLast` when the array ends behind it. */
  readonly handle: (text: string, isLast: boolean) => boolean;
}

interface Container {
  readonly isObject: boolean;
  /** Field the scan is at. */
  key: string | undefined;
}

/**
 * Finds the array of rows in a JSON document and cuts it into the texts of its elements, without holding more than one of them. It
 * only counts brackets and quotes: that an element is JSON is found out when it is parsed, and that the rest is, by the outline.
 */
export class ArrayScanner {
  readonly #options: ArrayScannerOptions;
  readonly #containers: Container[] = [];
  #state: "before" | "inside" | "behind" = "before";
  #outline = "";
  /** How much of the outline has been looked at. */
  #seen = 0;
  #stringStart = -1;
  #lastString = "";
  #isInString = false;
  #isEscaped = false;
  #element = "";
  #depth = 0;
  #isTooLong = false;

  constructor(options: ArrayScannerOptions) {
    this.#options = options;
  }

  /** Whether an array of rows has been found. */
  get found(): boolean {
    return this.#state !== "before";
  }

  /** The document with its array of rows left empty. */
  get outline(): string {
    return this.#outline;
  }

  /** Whether the scan is inside the array: at the end of the text that means the text is cut. */
  get isInside(): boolean {
    return this.#state === "inside";
  }

  /** Set when {@link push} returned false and the handler did not. */
  get isTooLong(): boolean {
    return this.#isTooLong;
  }

  /** False when the scan has ended early. */
  push(text: string): boolean {
    let rest = text;
    while (rest !== "") {
      if (this.#state === "inside") {
        const end = this.#scanElements(rest);
        if (end < 0) return false;
        rest = rest.slice(end);
        continue;
      }
      const before = this.#outline.length;
      this.#outline += rest;
      const found = this.#state === "before" ? this.#findArray() : -1;
      if (found < 0) return this.#outline.length <= this.#options.maxLength || this.#endTooLong();
      rest = rest.slice(found + 1 - before);
      this.#outline = this.#outline.slice(0, found + 1);
      this.#state = "inside";
    }
    return true;
  }

  /** Where the array of rows opens in the outline, or -1. */
  #findArray(): number {
    const text = this.#outline;
    for (; this.#seen < text.length; this.#seen += 1) {
      const code = text.charCodeAt(this.#seen);
      if (this.#stringStart >= 0) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === backslash) this.#isEscaped = true;
        else if (code === quoteCode) {
          this.#lastString = text.slice(this.#stringStart, this.#seen + 1);
          this.#stringStart = -1;
        }
        continue;
      }
      if (code === quoteCode) this.#stringStart = this.#seen;
      else if (code === openArray && this.#isTarget()) return this.#seen;
      else this.#walk(code);
    }
    return -1;
  }

  #walk(code: number): void {
    const container = this.#containers.at(-1);
    if (code === openArray || code === openObject) {
      this.#containers.push({ isObject: code === openObject, key: undefined });
    } else if (code === closeArray || code === closeObject) this.#containers.pop();
    else if (container !== undefined && code === colonCode) container.key = fieldName(this.#lastString);
    else if (container !== undefined && code === commaCode) container.key = undefined;
  }

  #isTarget(): boolean {
    const containers = this.#containers;
    const { path } = this.#options;
    if (path === undefined) {
      const key = containers[0]?.key;
      return containers.length === 0 || (containers.length === 1 && key !== undefined && rowFields.includes(key));
    }
    return (
      containers.length === path.length &&
      containers.every(({ isObject, key }, index) => isObject && key === path[index])
    );
  }

  /** Where the array ends in the text, its length when it goes on, or -1 when the scan has ended. */
  #scanElements(text: string): number {
    let start = 0;
    let at = 0;
    while (at < text.length) {
      if (this.#isInString) {
        at = this.#stringEnd(text, at);
        continue;
      }
      const code = text.charCodeAt(at);
      if (code === quoteCode) this.#isInString = true;
      else if (code === openObject || code === openArray) this.#depth += 1;
      else if (code === closeObject || code === closeArray) {
        if (this.#depth === 0) {
          const isHandled = this.#handOut(text.slice(start, at), true);
          this.#state = "behind";
          return isHandled ? at : -1;
        }
        this.#depth -= 1;
      } else if (code === commaCode && this.#depth === 0) {
        if (!this.#handOut(text.slice(start, at), false)) return -1;
        start = at + 1;
      }
      at += 1;
    }
    this.#element += text.slice(start);
    if (this.#element.length <= this.#options.maxLength) return text.length;
    this.#isTooLong = true;
    return -1;
  }

  /** Behind the string that `at` lies in, or the text's length when it goes on. */
  #stringEnd(text: string, from: number): number {
    for (let at = from; at < text.length; at += 1) {
      if (this.#isEscaped) {
        this.#isEscaped = false;
        continue;
      }
      const code = text.charCodeAt(at);
      if (code === backslash) this.#isEscaped = true;
      else if (code === quoteCode) {
        this.#isInString = false;
        return at + 1;
      }
    }
    return text.length;
  }

  #handOut(end: string, isLast: boolean): boolean {
    const element = this.#element === "" ? end : this.#element + end;
    this.#element = "";
    if (element.length > this.#options.maxLength) return this.#endTooLong();
    return this.#options.handle(element, isLast);
  }

  #endTooLong(): false {
    this.#isTooLong = true;
    return false;
  }
}

function fieldName(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    // Not a string after all; that the outline is no JSON is said at its end.
    return undefined;
  }
}
