package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

func runVersion(env *environment, args []string) error {
	if _, err := env.parse(args, 0); err != nil {
		return err
	}
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	fmt.Fprintln(env.stdout, "bedsgen", version)
	return nil
}

// bedsVersion is the version of BEDS that this bedsgen belongs to. One that was
// built from a checkout has none; the new module then uses that folder.
func bedsVersion(folder string) (version, replace string) {
	const none = "v0.0.0"
	if folder != "" {
		abs, err := filepath.Abs(folder)
		if err != nil {
			abs = folder
		}
		return none, abs
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == bedsModule && m.Replace != nil {
				return none, m.Replace.Path
			}
			if m.Path == bedsModule && strings.HasPrefix(m.Version, "v") && !strings.Contains(m.Version, "-0.") {
				return m.Version, ""
			}
		}
	}
	return none, checkout()
}

// checkout is the folder that this program was compiled from, if it is still there.
func checkout() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return ""
	}
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !bytes.Contains(b, []byte("module "+bedsModule+"\n")) {
		return ""
	}
	return dir
}

// goVersion is what the go directive of a new module says: the first release of
// the toolchain's series. Without the final zero it would mean the language before
// that release, which is less than BEDS itself asks for.
func goVersion() string {
	v := strings.TrimPrefix(runtime.Version(), "go")
	if parts := strings.SplitN(v, ".", 3); len(parts) >= 2 {
		return parts[0] + "." + parts[1] + ".0"
	}
	return v
}
