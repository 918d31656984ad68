/**
 * The generator's version. The bytes of a corpus hold within one: any change that moves a byte of any message raises it,
 * with a line in CHANGELOG.md.
 */
export const GENERATOR_VERSION = '1';
