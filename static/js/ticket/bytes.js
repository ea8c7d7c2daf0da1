// Bytes, their hexadecimal form and their hash. What the ticket library brings
// with it anyway is used, since every byte here is loaded by every phone.
export { bytesToHex as hex, concatBytes as join, hexToBytes as unhex } from "@noble/curves/utils.js";

export const utf8 = (text) => new TextEncoder().encode(text);

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
