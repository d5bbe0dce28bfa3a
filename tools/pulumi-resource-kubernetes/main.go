// Command pulumi-resource-kubernetes serves the Kubernetes provider. Its own main embeds a schema
// that the published module lacks; the schema is needed for generating SDKs only, so an empty one
// is served in its place.
package main

import (
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

func main() {
	provider.Serve("kubernetes", version.Version, []byte("{}"), []byte("{}"))
}
