//go:build tools

// Package tools pins Pulumi's host of programs in YAML. Nothing here is compiled: `go build <import path>` is.
package tools

import (
	_ "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
)
