/** Powers of two, as Kubernetes counts. */
export const bytesPerMiB = 2 ** 20;
export const bytesPerGiB = 2 ** 30;
export const mibPerGiB = 1_024;
export const kibPerMiB = 1_024;
export const bytesPerKiB = 1_024;
