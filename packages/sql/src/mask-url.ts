/** An address without its secrets, for texts: the password before `@` and parameters that name one become `***`. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#:@]*):[^/?#]*@/i, "$1:***@")
    .replaceAll(/([?&](?:password|pass|pwd|sslpassword|token|secret)=)[^&#]*/gi, "$1***");
}
