const SATELLITE = /^\/(admin|order|orders|message|info|queue\.html|subscribe|callback)(?![^/?])/;
const ALEPH = /^\/api\/v0(?![^/?])/;

/** Whether an address is the Satellite API's, whether it exists or not. */
export function isSatellite(path: string): boolean {
  return SATELLITE.test(path);
}

/** Whether an address is one of the peers': the Satellite API's or pyaleph's. */
export function isPeers(path: string): boolean {
  return isSatellite(path) || ALEPH.test(path);
}
