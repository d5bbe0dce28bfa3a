/** Label of every object and pod with the name of its workload. */
export const nameLabel = "app.kubernetes.io/name";

/** Label of everything that belongs to the platform, and its value: selectors, policies and Prometheus go by them. */
export const partOfLabel = "app.kubernetes.io/part-of";
export const partOf = "sightline";

/** The label that the API server itself puts on each namespace. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";
