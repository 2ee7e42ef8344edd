//go:build tools

// Package tools pins the checker of the workflows. Nothing here is compiled: `go build <import path>` is.
package tools

import (
	_ "github.com/rhysd/actionlint/cmd/actionlint"
)
