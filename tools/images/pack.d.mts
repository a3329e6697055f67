/** Writes `out/<service>`: its code, production packages, extra files, and `sbom.cdx.json`. */
export function packService(service: string, out: string, machine?: { platform?: string; arch?: string }): void;
