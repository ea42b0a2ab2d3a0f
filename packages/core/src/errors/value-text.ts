/** Any value as text; unlike `String` it has an answer for objects without a usable `toString`. */
export function valueText(value: unknown): string {
  try {
    return String(value);
  } catch {
    // No prototype, or a toString that throws: this one asks the object nothing.
    return Object.prototype.toString.call(value);
  }
}
