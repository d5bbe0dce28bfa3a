/** Resource attribute that says whose a record is: set by a gateway from the token, or by the cluster's own collectors. */
export const tenantAttribute = "sightline.tenant";

/** Resource attribute that says by which door a record came, where that says something about it: `browser`. */
export const entranceAttribute = "sightline.entrance";

/** Resource attribute with what a pod's annotation says of its logs. Only agents see it. */
export const logsAttribute = "sightline.logs";
