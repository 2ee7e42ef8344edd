//go:build tools

// Package tools pins the Pulumi CLI. Nothing here is compiled: `go build <import path>` is.
package tools

import (
	_ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
)
