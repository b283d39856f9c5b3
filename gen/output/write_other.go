//go:build !unix

package output

import "os"

func writeFile(path string, content []byte) error { return os.WriteFile(path, content, 0o644) }
