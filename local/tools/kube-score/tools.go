//go:build tools

// Package tools pins a scanner of manifests. Nothing here is compiled: `go build <import path>` is.
package tools

import (
	_ "github.com/zegl/kube-score/cmd/kube-score"
)
