/** The lease by which the replicas of the cluster's collector elect one. */
export const clusterLease = "cluster-collector";
