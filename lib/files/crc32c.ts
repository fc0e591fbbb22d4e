/**
 * CRC-32C, the checksum of records in event files.
 *
 * @module
 */

/** The remainders of all byte values modulo the reflected polynomial. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  return remainder;
});

/**
 * Computes the CRC-32 with Castagnoli's polynomial.
 *
 * @param bytes The bytes to check.
 * @returns A whole number from 0 to 2³² − 1.
 *
 * Source: G. Castagnoli, S. Bräuer and M. Herrmann, "Optimization of cyclic redundancy-check codes with 24 and 32
 * parity bits", 1993.
 */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = table[(remainder ^ byte) & 0xff] ^ (remainder >>> 8);
  return ~remainder >>> 0;
}

/** The checksum as record files store it, rotated and offset, so that a checksum of checksums is not all zeros. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
