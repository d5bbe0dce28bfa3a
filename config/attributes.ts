/** Resource attribute that says whose a record is: set by a gateway from the token, or by the cluster's own collectors. */
export const tenantAttribute = "sightline.tenant";
