// Argo CD's controllers in one program, for tests: what it is called as says which one it is.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
)

func main() {
	var part *cobra.Command
	switch name := filepath.Base(os.Args[0]); name {
	case "argocd-application-controller":
		part = controller.NewCommand()
	case "argocd-repo-server":
		part = reposerver.NewCommand()
	default:
		fmt.Fprintf(os.Stderr, "argocd: expected the name of one of its controllers, got %q\n", name)
		os.Exit(2)
	}
	if part.Execute() != nil {
		os.Exit(1)
	}
}
