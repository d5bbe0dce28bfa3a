/** Label of every object and pod with the name of its workload. */
export const nameLabel = "app.kubernetes.io/name";

/** Label of everything that belongs to the platform, and its value: selectors, policies and Prometheus go by them. */
export const partOfLabel = "app.kubernetes.io/part-of";
export const partOf = "sightline";

/** Whose a pod's telemetry is: a label of the pod, or of its namespace. */
export const tenantLabel = "sightline.dev/tenant";

/** Annotation of a pod, or of a namespace: `off` leaves what its containers print where it is. */
export const logsAnnotation = "sightline.dev/logs";
export const logsOff = "off";

/** The label that the API server itself puts on each namespace. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";
