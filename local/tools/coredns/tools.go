//go:build tools

// Package tools pins the cluster's name server of a real node. Nothing here is compiled: `go build <import path>` is.
package tools

import (
	_ "github.com/coredns/coredns"
)
