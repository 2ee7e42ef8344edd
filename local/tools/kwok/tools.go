//go:build tools

// Package tools pins the programs that simulate the node and start the control plane. Nothing here is compiled: `go build <import path>` is.
package tools

import (
	_ "sigs.k8s.io/kwok/cmd/kwok"
	_ "sigs.k8s.io/kwok/cmd/kwokctl"
)
