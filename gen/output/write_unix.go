//go:build unix

package output

import (
	"errors"
	"io/fs"
	"syscall"
)

// writeFile is os.WriteFile with three system calls instead of eight: a file of package
// os is offered to the poller first, which a run that writes thousands of files feels.
func writeFile(path string, content []byte) error {
	fd, err := retried(func() (int, error) {
		return syscall.Open(path, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_TRUNC|syscall.O_CLOEXEC, 0o644)
	})
	if err != nil {
		return &fs.PathError{Op: "open", Path: path, Err: err}
	}
	for len(content) > 0 && err == nil {
		var n int
		if n, err = retried(func() (int, error) { return syscall.Write(fd, content) }); err == nil {
			content = content[n:]
		}
	}
	if err = errors.Join(err, syscall.Close(fd)); err != nil {
		return &fs.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

// retried repeats a system call that a signal has interrupted.
func retried(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
