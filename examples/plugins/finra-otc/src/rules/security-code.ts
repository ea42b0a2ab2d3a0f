const foreign = /[^A-Za-z0-9./-]/g;

/**
 * A symbol in its one spelling: upper case, everything but `A–Z 0–9 . - /` removed (reference §4.16). Removed before it is put in
 * upper case, as that would make "SS" of "ß".
 */
export function cleanCode(text: string | undefined): string {
  return (text ?? "").replaceAll(foreign, "").toUpperCase();
}

/** Whether cleaning took more than white space around a symbol, so that two symbols may have become one. */
export function lostCharacters(text: string | undefined): boolean {
  return (text ?? "").trim().search(foreign) !== -1;
}
